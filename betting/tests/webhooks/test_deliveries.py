"""A server elsewhere is told of everything, in order, whatever happens to it or to us."""

import base64
import hashlib
import hmac
import json
import os
import socket
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from accounts.models import Ban
from betting import ledger
from betting.models import Delivery, Webhook
from betting.tests.evenings import Evening, code_of
from betting.tests.webhooks.receiver import Receiver, receiving
from betting.webhooks import destination, sending
from rooms import opening
from rooms.models import RoomAct
from rooms.tests.people import room_of, somebody
from web.refusals import Refused

NEARBY = override_settings(WEBHOOK_NETWORKS=["127.0.0.1/32"])


def use_receiver(test: Any) -> Receiver:
    """A receiver on loopback whose certificate is trusted for the test."""
    test.folder = Path(test.enterContext(tempfile.TemporaryDirectory()))
    receiver: Receiver = test.enterContext(receiving(test.folder))
    trusted = {"SSL_CERT_FILE": str(test.folder / "receiver.pem")}
    test.enterContext(mock.patch.dict(os.environ, trusted))
    return receiver


def send_all(*, turns: int = 1) -> None:
    for _turn in range(turns):
        for hook in Webhook.objects.all():
            sending.send_due_of(hook.pk)


@NEARBY
class EveningTests(Evening):
    """What is told of an evening."""

    def setUp(self) -> None:
        super().setUp()
        self.receiver = use_receiver(self)
        self.path = f"rooms/{self.room.code}/webhooks/"
        answer = self.host.ask("POST", self.path, {"url": self.receiver.url})
        assert answer.status_code == 201, answer.content
        self.made = answer.json()

    def room_fields(self) -> dict[str, Any]:
        return {"official_after_s": 30}

    def told(self) -> list[dict[str, Any]]:
        ledger.record_all(self.room.club_id)
        send_all()
        return self.receiver.bodies()

    def test_it_tells_all_that_happens_in_order_and_signed(self) -> None:
        paid, off = self.market(), self.market()
        self.bet(self.ana, paid, 0, 30)
        self.bet(self.bo, paid, 1, 10)
        winner = paid["outcomes"][0]["id"]
        self.step(paid, "lock")
        for place in (1, 0):
            self.settle(paid, place)
        self.step(paid, "withdraw")
        type(self.room).objects.filter(pk=self.room.pk).update(official_after_s=0)
        self.settle(paid, 0)
        self.step(off, "void", reason="Fog")
        assert self.host.ask("POST", f"rooms/{self.room.code}/end/").status_code == 200
        told = self.told()
        of_paid = [each for each in told if each.get("market") == paid["id"]]
        assert [each["event"] for each in of_paid] == [
            "market.opened", "market.locked", "market.unofficial", "market.unofficial",
            "market.withdrawn", "market.official",
        ]  # fmt: skip
        assert [each["winners"] for each in of_paid[2:4]] == [
            [paid["outcomes"][1]["id"]], [winner],
        ]  # fmt: skip
        assert (of_paid[-1]["winners"], of_paid[-1]["question"]) == ([winner], paid["question"])
        assert [each["seq"] for each in of_paid] == sorted(each["seq"] for each in of_paid)
        of_off = [each["event"] for each in told if each.get("market") == off["id"]]
        assert (of_off[0], of_off[-1]) == ("market.opened", "market.void")
        assert told[-1]["event"] == "room.ended" and told[-1]["room"] == self.room.code
        for headers, body in self.receiver.came:
            key = base64.b64decode(self.made["secret"].removeprefix("whsec_"))
            said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
            expected = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{expected}"
            assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 300

    def test_it_notes_an_event_with_its_entry_or_not_at_all(self) -> None:
        self.market()
        with mock.patch("betting.ledger.recorder._move", side_effect=SystemExit):
            with self.assertRaises(SystemExit):
                ledger.record_all(self.room.club_id)
            assert not Delivery.objects.exists()
        assert [each["event"] for each in self.told()] == ["market.opened"]
        assert [each["event"] for each in self.told()] == ["market.opened"]
        assert len(self.receiver.came) == 1

    def test_it_ends_when_its_maker_is_banned(self) -> None:
        self.market()
        Ban.objects.create(user=self.host_user, reason="Fog", created_at_ms=1)
        assert self.told() == []
        assert Webhook.objects.get().ended_at_ms

    def test_it_is_for_the_host_who_makes_and_ends_it(self) -> None:
        for caller, code in ((self.ana, "forbidden"), (self.stranger, "forbidden")):
            assert code_of(caller.ask("GET", self.path)) == code
            assert code_of(caller.ask("POST", self.path, {"url": self.receiver.url})) == code
        [listed] = self.host.ask("GET", self.path).json()["results"]
        assert listed["url"] == self.receiver.url and self.made["secret"] not in str(listed)
        for _ in range(2):
            one = f"{self.path}{self.made['id']}/"
            assert self.host.ask("DELETE", one).status_code == 204
        self.market()
        assert self.told() == []
        acts = RoomAct.objects.filter(room=self.room).order_by("pk").values_list("what", flat=True)
        assert list(acts)[-2:] == ["offer_webhook", "end_webhook"]
        for url in ("http://example.org/", "https://", "https://a:b@example.org/", "https://x/ y",
                    "ftp://example.org/", "https://example.org/#x", "https://[::1/"):  # fmt: skip
            assert code_of(self.host.ask("POST", self.path, {"url": url})) == "malformed", url


class Times:
    """Moments after a beginning, set and not slept."""

    def __init__(self) -> None:
        self.begun = timezone.now()

    def at(self, **later: float) -> Any:
        return time_machine.travel(self.begun + timedelta(**later), tick=False)


@NEARBY
class DeliveryTests(TransactionTestCase):
    """How one event after the other reaches a server that is broken, slow or away."""

    folder: Path

    def setUp(self) -> None:
        self.receiver = use_receiver(self)
        self.times = Times()
        self.room = room_of(somebody("Hanna"))
        self.hook = self.hook_to(self.receiver.url)

    def hook_to(self, url: str) -> Webhook:
        return Webhook.objects.create(
            room=self.room, url=url, secret=sending.new_secret(), by=self.room.host, made_at_ms=1
        )

    def wait(self, market_id: int | None, count: int, hook: Webhook | None = None) -> None:
        """Let so many events of a question wait."""
        at_ms = round(self.times.begun.timestamp() * 1000)
        for number in range(count):
            Delivery.objects.create(
                webhook=hook or self.hook, event="market.opened", market_id=market_id,
                body=json.dumps({"market": market_id, "number": number}), made_at_ms=at_ms,
                due_at_ms=at_ms,
            )  # fmt: skip

    def numbers(self, market_id: int) -> list[int]:
        return [each["number"] for each in self.receiver.bodies() if each["market"] == market_id]

    def test_it_sends_each_in_order_though_the_server_fails_every_third_time(self) -> None:
        self.receiver.judge = lambda count: 500 if count % 3 == 0 else 200
        for market_id in (1, 2, 3):
            self.wait(market_id, 7)
        for hour in range(1, 20):
            with self.times.at(hours=hour):
                send_all()
        assert [self.numbers(market_id) for market_id in (1, 2, 3)] == [list(range(7))] * 3
        assert not Delivery.objects.filter(taken_at_ms=None).exists()
        assert len(self.receiver.came) > 21, "some came to a server that failed, and came again"

    def test_it_waits_ever_longer_for_a_server_that_is_away_then_pauses_and_says_so(self) -> None:
        away = self.hook_to("https://127.0.0.1:9/")
        self.wait(1, 2, away)
        tried = []
        for minute in range(0, 25 * 60, 5):
            with self.times.at(minutes=minute):
                sending.send_due_of(away.pk)
                tried.append(Delivery.objects.filter(webhook=away).order_by("pk")[0].tries)
        assert 25 < tried[-1] < 40
        away.refresh_from_db()
        assert away.paused_at_ms
        first, second = Delivery.objects.filter(webhook=away).order_by("pk")
        assert (second.tries, first.answer.split(":")[0]) == (0, "ConnectionRefusedError")
        with self.times.at(hours=30):
            sending.send_due_of(away.pk)
            Webhook.objects.filter(pk=away.pk).update(url=self.receiver.url)
            sending.resume(away)
            sending.send_due_of(away.pk)
        assert self.numbers(1) == [0, 1]

    def test_it_sends_to_others_while_one_server_is_slow(self) -> None:
        is_over, seen = threading.Event(), threading.Event()
        self.receiver.judge = lambda _count: 204 if is_over.wait(60) else 500
        self.wait(1, 1)
        with receiving(self.folder) as other:
            other.judge = lambda _count: seen.set() or 204  # type: ignore[func-returns-value]
            self.wait(2, 1, self.hook_to(other.url))
            sender = sending.Sender()
            sender.step()
            assert seen.wait(60)
            is_over.set()
            sender.end()
        assert not Delivery.objects.filter(taken_at_ms=None).exists()

    def test_it_sends_again_what_a_process_that_died_had_begun(self) -> None:
        self.wait(1, 2)
        died = mock.patch.object(destination, "post", side_effect=SystemExit)
        with died, self.times.at(seconds=1), self.assertRaises(SystemExit):
            sending.send_due_of(self.hook.pk)
        with self.times.at(seconds=2):
            send_all()
        assert self.receiver.came == [], "another process waits for the one that may still send"
        with self.times.at(seconds=60):
            send_all()
        assert self.numbers(1) == [0, 1]

    def test_it_ends_a_room_after_all_its_questions(self) -> None:
        self.wait(1, 1)
        opening.end_room(self.room)
        self.receiver.judge = lambda count: 500 if count == 1 else 200
        with self.times.at(seconds=5):
            send_all(turns=2)
        with self.times.at(minutes=5):
            send_all()
        events = [each.get("event", "question") for each in self.receiver.bodies()]
        assert events == ["question", "room.ended"]

    def test_it_sends_once_more_what_an_operator_wants_repeated(self) -> None:
        self.wait(1, 1)
        send_all()
        sending.repeat(Delivery.objects.get())
        send_all()
        ids = [headers["webhook-id"] for headers, _body in self.receiver.came]
        assert len(ids) == 2 and len(set(ids)) == 1

    def test_it_forgets_what_was_taken_a_week_ago(self) -> None:
        self.wait(1, 1)
        send_all()
        self.wait(2, 1)
        for days, left in ((6, 2), (8, 1)):
            with self.times.at(days=days):
                sending.forget_old()
            assert Delivery.objects.count() == left

    # --- Where it may go

    def answer(self, url: str) -> str:
        """What is noted of an event for this address."""
        hook = self.hook_to(url)
        self.wait(1, 1, hook)
        sending.send_due_of(hook.pk)
        return Delivery.objects.get(webhook=hook).answer

    @override_settings(WEBHOOK_NETWORKS=[])
    def test_it_goes_to_no_private_address(self) -> None:
        assert self.answer(self.receiver.url).startswith("NotAllowed")
        assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")).startswith(
            "NotAllowed"
        )
        for address in (
            "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
            "::1", "::", "fc00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
            "2002:7f00:1::1", "64:ff9b::7f00:1", "224.0.0.1", "ff02::1", "255.255.255.255",
        ):  # fmt: skip
            assert not destination.is_allowed(address), address
        for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
            assert destination.is_allowed(address), address
        assert self.receiver.came == []

    def test_it_follows_no_redirect(self) -> None:
        self.receiver.judge = lambda count: 307 if count == 1 else 200
        self.receiver.headers = {"Location": self.receiver.url}
        assert self.answer(self.receiver.url) == "307"
        assert len(self.receiver.came) == 1

    def test_it_goes_to_the_address_that_was_judged_whatever_the_name_says_next(self) -> None:
        names, real = ["127.0.0.1", "127.0.0.2"], socket.getaddrinfo

        def changing(host: str, *told: Any, **more: Any) -> Any:
            return real(names.pop(0) if host == "localhost" else host, *told, **more)

        with mock.patch("socket.getaddrinfo", changing):
            assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")) == "204"
            assert names == ["127.0.0.2"], "it is looked up once"
            names.append("127.0.0.1")
            assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")).startswith(
                "NotAllowed"
            )

    def test_it_trusts_no_server_without_a_certificate_for_its_name(self) -> None:
        with mock.patch.dict(os.environ, {"SSL_CERT_FILE": "/dev/null"}):
            assert self.answer(self.receiver.url).startswith("SSLCertVerificationError")

    def test_it_cuts_off_a_server_that_does_not_answer_in_time(self) -> None:
        is_over = threading.Event()
        self.receiver.judge = lambda _count: 204 if is_over.wait(60) else 500
        with mock.patch.object(destination, "WHOLE_S", 0.5):
            assert self.answer(self.receiver.url) not in ("", "204")
        is_over.set()


def test_it_reads_plain_https_addresses_alone() -> None:
    for url in ("https://example.org", "https://example.org:8443/a?b=c"):
        assert destination.read_url(url) == url
    try:
        destination.read_url("https://example.org:x/")
    except Refused as refused:
        assert refused.code == "malformed"
    else:
        raise AssertionError("a port that is none")
