"""The clock: what it finishes when nobody else does, twice, and after failures."""

import threading
import time
from datetime import timedelta
from typing import Any
from unittest import mock

from django.test import TransactionTestCase
from django.utils import timezone

from accounts.models import User
from betting import bank, ledger
from betting.actions import markets, payments
from betting.models import Correction, Market, Watermark
from betting.tests.evenings import Evening, code_of
from operations.clock import schedule
from operations.clock.schedule import Clock, Forgetter, Step
from rooms.models import Room
from rooms.tests.people import Caller, member, room_of, somebody


class ClockTests(Evening):
    def decided(self) -> Market:
        """A market whose host named a winner and whose request died before it paid."""
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        with mock.patch("betting.actions.payments.pay", return_value=None):
            answer = self.settle(market, 0)
        assert (answer.status_code, answer.json()["paying"]) == (202, True)
        assert answer.json()["status"] == "locked"
        return Market.objects.get(pk=market["id"])

    def past_deadline(self, **fields: Any) -> dict[str, Any]:
        """A market whose deadline has passed, and nobody has said so."""
        market = self.market(closes_in_s=10)
        self.bet(self.ana, market, 0, 30)
        if not fields.get("lopsided"):
            self.bet(self.bo, market, 1, 10)
        key = bank.Keys(self.room.club_id).market(market["id"])
        bank.command("HSET", key, "closes_at_ms", bank.ask_time_ms() - 1000)
        schedule.record()
        Market.objects.filter(pk=market["id"]).update(closes_at_ms=bank.ask_time_ms() - 1000)
        return market

    def unofficial(self, *winners: int, after_s: int = 60) -> dict[str, Any]:
        """A market with a result that stands."""
        Room.objects.filter(pk=self.room.pk).update(official_after_s=after_s)
        market = self.market(3)
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        assert self.settle(market, *winners).json()["official"]
        schedule.record()
        return market

    def let_time_pass(self, market: dict[str, Any]) -> None:
        """Put the moment at which the result is official into the past."""
        official_at_ms = bank.ask_time_ms() - 1000
        key = bank.Keys(self.room.club_id).market(market["id"])
        bank.command("HSET", key, "official_at_ms", official_at_ms)
        Market.objects.filter(pk=market["id"]).update(official_at_ms=official_at_ms)

    def test_it_asks_sql_once_whether_anything_is_to_be_recorded_or_decided(self) -> None:
        self.bet(self.ana, self.market(closes_in_s=3600), 0, 30)
        schedule.record()
        with self.assertNumQueries(2):
            schedule.record()
            schedule.decide_due()

    def test_it_decides_one_thing_though_another_fails(self) -> None:
        late, lopsided = self.past_deadline(), self.past_deadline(lopsided=True)
        self.step(lopsided, "lock")
        schedule.record()
        with (
            mock.patch("operations.clock.schedule.lock_due", side_effect=bank.BankAway("away")),
            self.assertRaises(bank.BankAway),
        ):
            schedule.decide_due()
        schedule.record()
        assert Market.objects.get(pk=lopsided["id"]).status == Market.Status.VOID
        assert Market.objects.get(pk=late["id"]).status == Market.Status.OPEN

    def test_it_makes_a_result_official_and_pays_it_once(self) -> None:
        market = self.unofficial(0)
        schedule.make_official()
        assert self.row(market).status == Market.Status.LOCKED
        self.let_time_pass(market)
        schedule.make_official()
        assert self.row(market).status == Market.Status.SETTLED
        assert self.row(market).official_at_ms is None
        assert (self.coins(self.ana), self.coins(self.bo)) == (1010, 990)
        seq = bank.head(self.room.club_id).seq
        schedule.make_official()
        schedule.pay()
        assert bank.head(self.room.club_id).seq == seq

    def test_it_pays_the_last_result_that_was_named(self) -> None:
        market = self.unofficial(0)
        self.settle(market, 1)
        schedule.record()
        self.let_time_pass(market)
        schedule.make_official()
        assert (self.coins(self.ana), self.coins(self.bo)) == (970, 1030)

    def test_it_is_never_earlier_than_the_bank_says(self) -> None:
        market = self.unofficial(0)
        Market.objects.filter(pk=market["id"]).update(official_at_ms=1)
        schedule.make_official()
        assert (
            bank.run(bank.read(self.room.club_id, [market["id"]], [])).states[market["id"]].result
        )
        assert self.coins(self.ana) == 970

    def test_it_pays_late_what_it_finds_decided_by_somebody_else(self) -> None:
        market = self.unofficial(0)
        self.let_time_pass(market)
        assert code_of(self.step(market, "withdraw")) == "already_decided"
        schedule.record()
        schedule.pay()
        assert self.row(market).status == Market.Status.SETTLED

    def test_it_does_nothing_of_a_result_that_was_withdrawn(self) -> None:
        market = self.unofficial(0)
        self.step(market, "withdraw")
        schedule.record()
        schedule.make_official()
        assert self.row(market).status == Market.Status.LOCKED

    def test_it_calls_nothing_off_while_a_result_stands(self) -> None:
        market = self.unofficial(0)
        Market.objects.filter(pk=market["id"]).update(locked_at_ms=1)
        schedule.give_up_unresolved()
        schedule.call_off_lopsided()
        assert self.row(market).status == Market.Status.LOCKED
        self.step(market, "withdraw")
        schedule.record()
        Market.objects.filter(pk=market["id"]).update(locked_at_ms=1)
        schedule.give_up_unresolved()
        assert self.row(market).reason == "unresolved"
        schedule.pay()

    def test_it_refunds_an_announced_void_when_its_time_is_over(self) -> None:
        market = self.unofficial(0)
        self.step(market, "void", reason="It rains.")
        schedule.record()
        self.let_time_pass(market)
        schedule.make_official()
        row = self.row(market)
        assert (row.status, row.reason, row.reason_text) == ("void", "void", "It rains.")
        assert (self.coins(self.ana), self.coins(self.bo)) == (1000, 1000)

    def test_it_pays_what_a_killed_request_left_behind(self) -> None:
        market = self.decided()
        schedule.record()
        schedule.pay()
        market.refresh_from_db()
        assert market.status == Market.Status.SETTLED
        assert (self.coins(self.ana), self.coins(self.bo)) == (1010, 990)
        seq = bank.head(self.room.club_id).seq
        schedule.pay()
        assert bank.head(self.room.club_id).seq == seq

    def test_it_goes_on_from_the_cursor(self) -> None:
        market = self.decided()
        schedule.record()
        with (
            mock.patch.object(bank, "ITEMS_PER_CALL_MAX", 1),
            mock.patch("betting.actions.payments._tell_paid", side_effect=[SystemExit]),
            self.assertRaises(SystemExit),
        ):
            schedule.pay()
        schedule.pay()
        market.refresh_from_db()
        assert market.status == Market.Status.SETTLED

    def test_it_counts_out_what_a_killed_request_had_paid(self) -> None:
        market = self.decided()
        with (
            mock.patch("betting.actions.payments._close", side_effect=[SystemExit]),
            self.assertRaises(SystemExit),
        ):
            payments.finish(market.pk)
        schedule.record()
        schedule.pay()
        market.refresh_from_db()
        assert market.status == Market.Status.SETTLED
        assert Room.objects.get(pk=self.room.pk).open_markets == 0

    def test_it_locks_what_is_past_its_deadline(self) -> None:
        market = self.past_deadline()
        schedule.lock_due()
        assert self.row(market).status == Market.Status.LOCKED
        schedule.lock_due()

    def test_it_gives_back_what_nobody_can_win(self) -> None:
        market = self.past_deadline(lopsided=True)
        schedule.lock_due()
        schedule.record()
        schedule.pay()
        row = self.row(market)
        assert (row.status, row.reason) == ("void", "too_small")
        assert self.coins(self.ana) == 1000

    def test_it_judges_a_market_that_a_late_bet_locked(self) -> None:
        market = self.market(closes_in_s=10)
        self.bet(self.ana, market, 0, 30)
        key = bank.Keys(self.room.club_id).market(market["id"])
        bank.command("HSET", key, "closes_at_ms", bank.ask_time_ms() - 1000)
        self.bet(self.bo, market, 1, 30)
        schedule.record()
        schedule.call_off_lopsided()
        schedule.record()
        schedule.pay()
        assert self.row(market).reason == "too_small"

    def test_it_gives_up_on_what_nobody_settles(self) -> None:
        market = self.market(unresolved_after_s=60)
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        schedule.record()
        schedule.give_up_unresolved()
        assert self.row(market).status == "locked"
        Market.objects.filter(pk=market["id"]).update(locked_at_ms=bank.ask_time_ms() - 60_000)
        schedule.give_up_unresolved()
        schedule.record()
        schedule.pay()
        row = self.row(market)
        assert (row.status, row.reason) == ("void", "unresolved")

    def test_it_forgets_a_market_ten_minutes_after_its_end(self) -> None:
        market = self.market()
        self.step(market, "void", reason="Rain.")
        forgetter = Forgetter()
        forgetter.step()
        assert bank.run(bank.read(self.room.club_id, [market["id"]], [])).states
        long_ago_ms = bank.ask_time_ms() - schedule.FORGET_AFTER_MS
        Market.objects.filter(pk=market["id"]).update(settled_at_ms=long_ago_ms)
        forgetter.step()
        assert not bank.run(bank.read(self.room.club_id, [market["id"]], [])).states
        assert self.ana.ask("GET", f"markets/{market['id']}/").json()["status"] == "void"

    def test_it_freezes_and_pays_nothing_when_the_ledger_differs(self) -> None:
        market = self.decided()
        schedule.record()
        with mock.patch.object(ledger, "stakes", return_value=[]):
            schedule.pay()
        market.refresh_from_db()
        assert market.frozen and market.status == Market.Status.LOCKED
        schedule.pay()
        assert self.coins(self.ana) == 970
        markets.freeze(market, on=False)
        schedule.pay()
        assert self.coins(self.ana) == 1010

    def test_it_carries_out_a_correction_whose_answer_was_lost(self) -> None:
        correction = Correction.objects.create(
            command="correction:1", club=self.room.club, user=self.users[0], kind="burn",
            coins=5000, reason="A double payout.", at_ms=1,
        )  # fmt: skip
        for _ in range(2):
            schedule.wallets.carry_out_left_over()
        correction.refresh_from_db()
        assert (correction.coins, self.coins(self.ana)) == (1000, 0)
        assert correction.seq == bank.head(self.room.club_id).seq

    def test_it_welcomes_whoever_came_while_the_bank_was_away(self) -> None:
        with mock.patch.object(bank, "run", side_effect=bank.BankAway):
            late = member(self.room, "late")
        assert self.coins(Caller(late)) == 0
        schedule.wallets.welcome_left_over()
        assert self.coins(Caller(late)) == 0
        User.objects.filter(pk=late.pk).update(joined_at=timezone.now() - timedelta(seconds=11))
        for _ in range(2):
            schedule.wallets.welcome_left_over()
            schedule.record()
        assert self.coins(Caller(late)) == 1000
        assert schedule.wallets.welcome_left_over() == 0

    def test_it_opens_the_gate_after_a_restart_of_the_bank(self) -> None:
        schedule.record()
        bank.each_primary("FUNCTION", "FLUSH")
        bank.load_library()
        market = self.market_refused()
        assert market == "unavailable"
        schedule.open_gate()
        assert self.market()["status"] == "open"

    def market_refused(self) -> str:
        body = {"question": "Now?", "outcomes": ["yes", "no"]}
        answer = self.host.ask("POST", f"rooms/{self.room.code}/markets/", body)
        return str(answer.json()["error"]["code"])


class LoopTests(Evening):
    def test_it_goes_on_when_a_step_fails(self) -> None:
        done: list[int] = []
        broken = Step("broken", 0, lambda: 1 / 0)
        fine, failed = Step("fine", 0, lambda: done.append(1)), list[str]()
        house = Clock(steps=[broken, fine], failed=failed.append)
        house.tick(1.0)
        house.tick(2.0)
        assert (broken.failures, done) == (2, [1, 1])
        assert failed == ["broken", "broken"]

    def test_it_lets_a_step_that_worked_rest_longer(self) -> None:
        def work() -> None:
            until_s = time.thread_time() + 0.02
            while time.thread_time() < until_s:
                pass

        busy = Step("busy", 0.1, work, busy_every_s=0.15)
        idle = Step("idle", 0.1, int, busy_every_s=0.15)
        ever = Step("ever", 0.1, work)
        Clock(steps=[busy, idle, ever]).tick(10.0)
        self.assertEqual(busy.next_s, 10.15)
        self.assertEqual((idle.next_s, ever.next_s), (10.1, 10.1))

    def test_it_takes_each_step_in_its_turn(self) -> None:
        done: list[str] = []
        often = Step("often", 1, lambda: done.append("often"))
        seldom = Step("seldom", 10, lambda: done.append("seldom"))
        house = Clock(steps=[often, seldom])
        for now_s in (0.5, 0.9, 1.6, 11.0):
            house.tick(now_s)
        assert done == ["often", "seldom", "often", "often", "seldom"]

    def test_it_stops_after_the_step_under_way(self) -> None:
        house = Clock(steps=[])
        thread = threading.Thread(target=house.run)
        thread.start()
        house.stop()
        thread.join(5)
        assert not thread.is_alive()


class QuietHouseTests(TransactionTestCase):
    """No TestCase: MariaDB commits by itself when partitions are made, other rows included."""

    def test_it_takes_every_step_on_a_quiet_house(self) -> None:
        host = somebody("Hana")
        room = room_of(host)
        bank.run(bank.grant(room.club_id, host.pk, 5, "a gift"))
        house = Clock()
        house.tick(1.0)
        assert {step.name: step.failures for step in house.steps if step.failures} == {}
        assert Watermark.objects.get(pk=room.club_id).seq == 1
