"""The host of a room sees what became of each event, pauses a webhook and sends once more."""

from typing import Any

from betting import ledger
from betting.models import Delivery
from betting.tests.evenings import Evening, code_of
from betting.tests.webhooks.delivering import NEARBY, send_all, use_receiver
from web import limits


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

    def test_it_sends_nothing_while_paused_and_all_of_it_after(self) -> None:
        for _ in range(2):
            assert self.post("pause/") == 204
        send_all()
        assert self.receiver.came == []
        [hook] = self.host.ask("GET", self.path).json()["results"]
        assert hook["paused_at_ms"] and hook["waiting"] == 1
        assert self.post("resume/") == 204
        send_all()
        assert len(self.receiver.came) == 1

    def test_it_is_closed_to_others_and_to_those_who_repeat_too_fast(self) -> None:
        repeat = f"deliveries/{self.listed()['id']}/repeat/"
        for caller in (self.ana, self.stranger):
            assert code_of(caller.ask("GET", f"{self.hook}deliveries/")) == "forbidden"
            for path in ("pause/", repeat):
                assert code_of(caller.ask("POST", f"{self.hook}{path}")) == "forbidden"
        assert self.post("deliveries/1000000/repeat/") == 404
        burst = limits.LIMITS["webhooks_repeated"][0].burst
        codes = {self.post(repeat) for _ in range(burst + 5)}
        assert codes == {204, 429}
