"""The host of a room sees what became of each event, pauses a webhook and sends once more."""

import socket
from typing import Any
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext

from betting import ledger
from betting.models import Delivery
from betting.tests.evenings import Evening, code_of
from betting.tests.webhooks.delivering import NEARBY, send_all, use_receiver
from rooms.models import RoomAct
from web import limits
from web.live import live_redis


@NEARBY
class SeenByHostsTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        self.receiver = use_receiver(self)
        self.path = f"rooms/{self.room.code}/webhooks/"
        made = self.host.ask("POST", self.path, {"url": self.receiver.url}).json()
        self.hook = f"{self.path}{made['id']}/"
        self.asked = self.market()
        ledger.record_all(self.room.club_id)

    def listed(self) -> dict[str, Any]:
        """The only event for the webhook."""
        [shown] = self.host.ask("GET", f"{self.hook}deliveries/").json()["results"]
        return dict(shown)

    def post(self, path: str) -> int:
        return self.host.ask("POST", f"{self.hook}{path}").status_code

    def test_it_tells_the_host_why_an_event_was_not_taken_and_sends_it_again(self) -> None:
        waits = self.listed()
        assert (waits["event"], waits["question"]) == ("market.opened", self.asked["question"])
        assert (waits["tries"], waits["status"], waits["why"]) == (0, 0, "")
        self.receiver.judge = lambda count: 500 if count == 1 else 204
        send_all()
        failed = self.listed()
        assert (failed["tries"], failed["status"], failed["taken_at_ms"]) == (1, 500, None)
        assert failed["due_at_ms"] > waits["due_at_ms"]
        for _ in range(2):
            assert self.post(f"deliveries/{failed['id']}/repeat/") == 204
            send_all()
        taken = self.listed()
        assert (taken["status"], taken["due_at_ms"]) == (204, None) and taken["taken_at_ms"]
        assert len({headers["webhook-id"] for headers, _body in self.receiver.came}) == 1
        assert len(self.receiver.came) == 3

    def test_it_names_no_address_of_a_network_of_ours(self) -> None:
        with self.settings(WEBHOOK_NETWORKS=[]):
            send_all()
        assert "127.0.0.1" in Delivery.objects.get().answer
        told = self.host.ask("GET", f"{self.hook}deliveries/")
        assert told.json()["results"][0]["why"] == "not_public"
        assert "127.0.0.1" not in told.content.decode()
        # Nor whether our network has such a name.
        unknown = f"{socket.gaierror.__name__}: Name or service not known"
        Delivery.objects.update(answer=unknown)
        again = self.host.ask("GET", f"{self.hook}deliveries/").json()["results"][0]
        assert again["why"] == "not_public"

    def test_it_sends_nothing_while_paused_and_all_of_it_after(self) -> None:
        for _ in range(2):
            assert self.post("pause/") == 204
        send_all()
        assert self.receiver.came == []
        [hook] = self.host.ask("GET", self.path).json()["results"]
        assert hook["paused_at_ms"] and hook["waiting"] == 1
        for _ in range(2):
            assert self.post("resume/") == 204
        send_all()
        assert len(self.receiver.came) == 1
        acts = RoomAct.objects.filter(room=self.room).order_by("-pk")[:2]
        assert [(act.what, act.by_id, act.detail) for act in acts] == [
            ("resume_webhook", self.host_user.pk, self.receiver.url),
            ("pause_webhook", self.host_user.pk, self.receiver.url),
        ]

    def test_it_takes_no_acts_once_it_is_ended(self) -> None:
        repeat = f"deliveries/{self.listed()['id']}/repeat/"
        assert [self.host.ask("DELETE", self.hook).status_code for _ in range(2)] == [204, 204]
        assert [self.post(path) for path in ("pause/", "resume/", repeat)] == [404] * 3
        assert self.listed()["tries"] == 0
        assert self.host.ask("GET", self.path).json()["results"] == []

    def test_it_lists_many_by_as_few_queries_as_one(self) -> None:
        for _ in range(4):
            self.host.ask("POST", self.path, {"url": self.receiver.url})
        with CaptureQueriesContext(connection) as asked:
            listed = self.host.ask("GET", self.path).json()["results"]
        assert [hook["waiting"] for hook in listed] == [0, 0, 0, 0, 1]
        assert sum("betting_delivery" in each["sql"] for each in asked) == 1

    def test_it_is_closed_to_others_and_to_those_who_repeat_too_fast(self) -> None:
        repeat = f"deliveries/{self.listed()['id']}/repeat/"
        for caller in (self.ana, self.stranger):
            assert code_of(caller.ask("GET", f"{self.hook}deliveries/")) == "forbidden"
            for path in ("pause/", repeat):
                assert code_of(caller.ask("POST", f"{self.hook}{path}")) == "forbidden"
        assert self.post("deliveries/1000000/repeat/") == 404
        for name, path in (("webhooks_repeated", repeat), ("webhooks_changed", "pause/")):
            burst = limits.LIMITS[name][0].burst
            # What was used before counts as unused, and none comes back meanwhile, however slow the
            # machine is.
            live_redis.ask([("FLUSHDB",)])
            with mock.patch.dict(limits.LIMITS, {name: (limits.Rate(1 / 3600, burst=burst),)}):
                codes = [self.post(path) for _ in range(burst + 5)]
            assert codes == [204] * burst + [429] * 5, path
