"""The front page of the admin: it tells the truth, and goes on when engines are away."""

from typing import Any

import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from betting import ledger
from betting.audit import verdicts
from betting.models import Delivery, Market, Wallet, Webhook
from betting.tests.evenings import Evening
from betting.webhooks import states
from operations.clock import auditor
from operations.clock.schedule import BEAT
from operations.dashboard import activity, samples, sparklines
from operations.dashboard.readings import take
from operations.metrics import Installation
from operations.tests.test_admin import PASSWORD, PLAIN_FILES
from web.times import now_ms

NOWHERE = "unix:///tmp/nobody-listens-here.sock"


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class FrontTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        self.operator = User.objects.create_superuser("Olga", "olga@example.org", PASSWORD)
        self.browser = Client()
        self.browser.force_login(self.operator)

    def parts(self) -> dict[str, Any]:
        answer = self.browser.get("/admin/front/")
        assert answer.status_code == 200
        return dict(answer.json())

    def test_it_is_for_staff_only(self) -> None:
        assert Client().get("/admin/front/").status_code == 302
        guest = Client()
        guest.force_login(self.users[0])
        assert guest.get("/admin/front/").status_code == 302

    def test_it_tells_whether_the_books_balance(self) -> None:
        assert "Books not compared yet" in self.parts()["books"]
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        auditor.compare({self.room.club_id}, is_deep=False)
        told = self.parts()["books"]
        assert "Books balance" in told
        assert "in wallets + 30 in pools + 0 kept by the house" in told
        Wallet.objects.filter(user=self.users[0]).update(coins=5)
        auditor.compare(set(), is_deep=False)
        assert "Books balance" in self.parts()["books"]
        auditor.compare({self.room.club_id}, is_deep=False)
        told = self.parts()["books"]
        assert "Books differ" in told
        assert f"wallet of user {self.users[0].pk} in SQL is 5, by the ledger 970" in told
        auditor.compare(set(), is_deep=False)
        assert "Books differ" in self.parts()["books"]

    def test_it_wakes_somebody_when_books_differ(self) -> None:
        def differences() -> dict[str, float]:
            found = {family.name: family for family in Installation().collect()}
            samples_now = found["ringside_books_differences"].samples
            return {sample.labels["kind"]: sample.value for sample in samples_now}

        assert differences() == {}
        self.bet(self.ana, self.market(), 0, 30)
        auditor.compare(set(), is_deep=True)
        assert differences() == {"quick": 0, "deep": 0}
        Wallet.objects.filter(user=self.users[0]).update(coins=5)
        auditor.compare(set(), is_deep=True)
        assert differences() == {"quick": 0, "deep": 1}

    def test_it_tells_what_waits_also_while_the_database_is_away(self) -> None:
        def behind() -> list[float]:
            found = {family.name: family for family in told.collect()}
            assert found["ringside_database_up"].samples[0].value == (0 if is_away else 1)
            return [each.value for each in found["ringside_journal_behind"].samples]

        def go_away(*_: Any) -> None:
            raise OperationalError

        told, is_away, market = Installation(), False, self.market()
        ledger.record_all(self.room.club_id)
        assert behind() == [0]
        self.bet(self.ana, market, 0, 30)
        is_away = True
        with connection.execute_wrapper(go_away):
            assert behind() == [1]
            assert list(map(str, Installation().collect())), "A process that never saw SQL goes on."

    def test_it_tells_a_clock_that_stands_still_from_a_live_instance_that_is_away(self) -> None:
        def told() -> dict[str, list[float]]:
            found = {family.name: family.samples for family in Installation().collect()}
            names = ("ringside_live_up", "ringside_clock_age_seconds")
            return {name: [each.value for each in found[name]] for name in names}

        cache.delete(BEAT)
        assert told() == {"ringside_live_up": [1], "ringside_clock_age_seconds": []}
        with override_settings(REDIS_LIVE_URL=NOWHERE):
            assert told() == {"ringside_live_up": [0], "ringside_clock_age_seconds": []}

    def test_it_tells_how_long_events_wait_for_webhooks(self) -> None:
        def told() -> list[float]:
            found = {family.name: family.samples for family in Installation().collect()}
            names = ("ringside_webhooks", "ringside_webhook_events_waiting")
            seconds = ("ringside_webhook_wait_seconds", "ringside_webhook_overdue_seconds")
            return [each.value for name in names for each in found[name]] + [
                round(each.value) for name in seconds for each in found[name]
            ]

        assert told() == [0, 0, 0, 0, 0]
        with time_machine.travel(timezone.now(), tick=False):
            hook = Webhook.objects.create(
                room=self.room, url="https://example.org/", by=self.room.host, made_at_ms=1
            )
            due = {"due_at_ms": now_ms() - 10_000, "market_id": 1}
            event = {"webhook": hook, "event": Delivery.Event.OPENED, **due}
            Delivery.objects.create(**event, made_at_ms=now_ms() - 90_000)
            Delivery.objects.create(**event | {"due_at_ms": None}, made_at_ms=1)
            assert told() == [1, 0, 1, 90, 10]
            # What comes behind it waits for it, and is not late.
            behind = event | {"due_at_ms": now_ms() - 20_000}
            Delivery.objects.create(**behind, made_at_ms=now_ms())
            assert told() == [1, 0, 2, 90, 10]
            states.pause(hook)
            assert told() == [0, 1, 2, 0, 0]
            Webhook.objects.update(ended_at_ms=1)
            assert told() == [0, 0, 0, 0, 0]

    def test_it_compares_what_was_wanted_once_the_bank_is_back(self) -> None:
        wanted = {self.room.club_id}
        with override_settings(REDIS_BANK_URL=NOWHERE):
            assert not auditor.compare(wanted, is_deep=False)
        assert verdicts.take_wanted() == wanted
        assert auditor.compare(wanted, is_deep=False)
        assert verdicts.take_wanted() == set()

    def test_it_samples_bets_a_second_once_for_each_turn(self) -> None:
        market = self.market()
        samples.sample()
        before = samples.last(1)[0]
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 30)
        ledger.record_all(self.room.club_id)
        before.at_ms -= 4_000
        now = take(before)
        assert now.bets is not None
        assert abs(now.bets - 2000 / (now.at_ms - before.at_ms)) < 0.01
        assert (now.behind, now.rooms, now.is_open) == (0, 1, True)
        samples.sample()
        kept = samples.last()
        assert len(kept) == len({each.at_ms // 10_000 for each in kept})

    def test_it_goes_on_without_the_bank(self) -> None:
        self.market()
        with override_settings(REDIS_BANK_URL=NOWHERE):
            told = self.parts()
            assert self.browser.get("/admin/").status_code == 200
        assert "The bank does not answer" in told["books"]
        assert 'data-level="ok"' not in told["books"]
        assert "no answer" in told["rooms"]

    def test_it_takes_a_lag_for_no_difference(self) -> None:
        def told() -> str:
            [room] = activity.lively_rooms(with_bank=True)
            return room.verdict

        assert told() == "same"
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        ledger.record_all(self.room.club_id)
        assert told() == "same"
        self.bet(self.bo, market, 1, 30)
        assert told() == "behind"
        assert "not recorded yet" in self.parts()["rooms"]
        self.row(market)
        Market.objects.update(coins=59)
        assert told() == "differs"
        assert "apart, look closer" in self.parts()["rooms"]

    def test_it_asks_little_whatever_happens_in_the_rooms(self) -> None:
        self.market()
        self.parts()
        with CaptureQueriesContext(connection) as few:
            self.parts()
        for _number in range(2):
            self.bet(self.ana, self.market(), 0, 5)
        auditor.compare(set(), is_deep=False)
        with CaptureQueriesContext(connection) as more:
            self.parts()
        assert len(more) == len(few) <= 25

    def test_it_lists_what_is_on_hold_and_who_did_it(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.row(market)
        assert "Nothing waits for you" in self.parts()["troubles"]
        page = f"/admin/betting/market/{market['id']}/act/freeze/"
        assert "No bets" not in self.browser.post(page, {"reason": ""}).headers.get("Location", "")
        assert "Nothing waits for you" in self.parts()["troubles"]
        self.browser.post(page, {"reason": "Looks odd."})
        told = self.parts()
        assert "On hold: no bets, no payments" in told["troubles"]
        assert "Put on hold: Looks odd." in told["acts"]


def test_a_chart_has_gaps_where_nothing_was_measured() -> None:
    until_ms = 3_600_000
    drawn = sparklines.chart([(0, 4.0), (60_000, 2.0), (3_000_000, 1.0)], until_ms, limit=8.0)
    assert drawn.line.count("M") == 2
    assert drawn.limit_y == 3
    assert sparklines.chart([], until_ms).line == ""
