"""A server elsewhere is told of everything, in order, whatever happens to it or to us."""

import base64
import hashlib
import hmac
import threading
from typing import Any
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Ban
from betting import ledger
from betting.models import Delivery, Webhook
from betting.tests.evenings import Evening, code_of
from betting.tests.webhooks.delivering import NEARBY, Delivering, send_all, use_receiver
from betting.tests.webhooks.receiver import receiving
from betting.webhooks import destination, hooks, sending, states
from rooms import opening
from rooms.models import RoomAct


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
        told = RoomAct.objects.get(room=self.room, what="end_webhook")
        assert (told.by, told.detail) == (None, self.receiver.url)

    def test_it_counts_a_room_s_webhooks_while_the_room_is_held(self) -> None:
        if not connection.features.has_select_for_update:
            self.skipTest("SQLite lets one write at a time anyway.")
        with CaptureQueriesContext(connection) as asked:
            hooks.make(self.host_user, self.room, self.receiver.url)
        sql = [each["sql"] for each in asked]
        [held] = [at for at, one in enumerate(sql) if "FOR UPDATE" in one and "rooms_room`" in one]
        [counted] = [at for at, one in enumerate(sql) if one.startswith("SELECT COUNT")]
        assert held < counted

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


@NEARBY
class DeliveryTests(Delivering):
    """How one event after the other reaches a server that is broken, slow or away."""

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
            states.resume(away)
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

    def test_it_sends_again_what_was_to_be_repeated_while_it_was_taken(self) -> None:
        self.wait(1, 1)

        def judge(count: int) -> int:
            if count == 1:
                sending.repeat(Delivery.objects.get())
            return 204

        self.receiver.judge = judge
        send_all(turns=2)
        assert len(self.receiver.came) == 2
        assert Delivery.objects.get().taken_at_ms

    def test_it_stays_resumed_where_somebody_resumed_it_while_an_old_event_failed(self) -> None:
        self.wait(1, 1)
        Delivery.objects.update(tries=3)

        def judge(count: int) -> int:
            if count == 1:
                states.pause(self.hook)
                states.resume(self.hook)
            return 500

        self.receiver.judge = judge
        with self.times.at(hours=25):
            send_all()
        assert Webhook.objects.get().paused_at_ms is None
        assert (Delivery.objects.get().tries, len(self.receiver.came)) == (1, 2)

    def test_it_forgets_what_was_taken_a_week_ago(self) -> None:
        self.wait(1, 1)
        send_all()
        self.wait(2, 1)
        for days, left in ((6, 2), (8, 1)):
            with self.times.at(days=days):
                sending.forget_old()
            assert Delivery.objects.count() == left
