"""A question without a deadline ends by itself when its host is gone (pool rule 5)."""

import time
from typing import Any
from unittest import mock

import pytest

from betting import bank
from betting.models import LedgerEntry, Market
from betting.tests.evenings import Evening, code_of
from operations.clock import schedule
from rooms import live
from rooms.models import Membership, Room
from web.rows import clocks

MINUTE_MS = 60_000
DAY_MS = 1440 * MINUTE_MS


class UnattendedTests(Evening):
    def opened(self, minutes_ago: float, **fields: Any) -> dict[str, Any]:
        """A question with coins on both answers, open for so long."""
        market = self.market(**fields)
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.row(market)
        at_ms = bank.ask_time_ms() - round(minutes_ago * MINUTE_MS)
        Market.objects.filter(pk=market["id"]).update(opened_at_ms=at_ms)
        return market

    def see(self, user_id: int, minutes_ago: float = 0) -> None:
        """Somebody was here."""
        live.ask([("ZADD", live._presence(self.room.pk), time.time() - 60 * minutes_ago, user_id)])

    def settings(self, **fields: int) -> None:
        answer = self.host.ask("PATCH", f"rooms/{self.room.code}/", fields)
        assert code_of(answer) == "ok"

    def status(self, market: dict[str, Any]) -> str:
        schedule.lock_unattended()
        return self.row(market).status

    def test_half_an_hour_without_a_host_locks_it_and_an_hour_later_all_goes_back(self) -> None:
        market = self.opened(31)
        assert self.status(market) == "locked"
        lock = LedgerEntry.objects.get(market_id=market["id"], kind="lock")
        assert (lock.user_id, lock.command) == (None, "unattended")
        schedule.lock_unattended()
        assert LedgerEntry.objects.filter(market_id=market["id"], kind="lock").count() == 1
        assert code_of(self.bet(self.ana, market, 0, 30)) == "market_closed"
        locked_at_ms = bank.ask_time_ms() - 3601 * 1000
        Market.objects.filter(pk=market["id"]).update(locked_at_ms=locked_at_ms)
        schedule.give_up_unresolved()
        schedule.record()
        schedule.pay()
        row = self.row(market)
        assert (row.status, row.reason) == ("void", "unresolved")
        assert (self.coins(self.ana), self.coins(self.bo)) == (1000, 1000)

    def test_a_host_who_comes_back_within_the_hour_settles_it(self) -> None:
        market = self.opened(31)
        assert self.status(market) == "locked"
        assert self.settle(market, 0).status_code == 200
        assert self.coins(self.ana) == 1010

    def test_it_stays_open_while_anybody_who_runs_the_room_is_there(self) -> None:
        market = self.opened(300)
        Membership.objects.filter(room=self.room, user=self.users[2]).update(role="cohost")
        self.see(self.users[2].pk)
        assert self.status(market) == "open"
        # The sign outlives a live instance that forgot everybody.
        live.forget_here(self.room.pk, self.users[2].pk)
        assert self.status(market) == "open"
        long_ago_ms = bank.ask_time_ms() - 31 * MINUTE_MS
        Room.objects.filter(pk=self.room.pk).update(attended_at_ms=long_ago_ms)
        assert self.status(market) == "locked"

    def test_players_who_wait_are_nobody_who_runs_the_room(self) -> None:
        market = self.opened(31)
        self.see(self.users[0].pk)
        assert self.status(market) == "locked"

    def test_one_without_coins_on_both_sides_is_called_off_at_once(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.row(market)
        Market.objects.filter(pk=market["id"]).update(opened_at_ms=1)
        schedule.lock_unattended()
        schedule.record()
        schedule.pay()
        assert self.row(market).reason == "too_small"
        assert self.coins(self.ana) == 1000

    def test_a_day_ends_it_though_the_host_is_there(self) -> None:
        market = self.opened(24 * 60 - 1)
        self.see(self.host_user.pk)
        assert self.status(market) == "open"
        # The clock of the database tells whole seconds.
        at_ms = bank.ask_time_ms() - DAY_MS - 2_000
        Market.objects.filter(pk=market["id"]).update(opened_at_ms=at_ms)
        assert self.status(market) == "locked"

    def test_the_room_bounds_both(self) -> None:
        self.settings(unattended_after_s=7200, open_at_most_s=18_000)
        market = self.opened(119)
        assert self.status(market) == "open"
        self.settings(unattended_after_s=7100)
        assert self.status(market) == "locked"
        another = self.opened(299)
        self.see(self.host_user.pk)
        assert self.status(another) == "open"
        self.settings(open_at_most_s=17_900)
        assert self.status(another) == "locked"
        for field, value in (("unattended_after_s", 59), ("open_at_most_s", 700_000)):
            refused = self.host.ask("PATCH", f"rooms/{self.room.code}/", {field: value})
            assert code_of(refused) == "malformed"

    def test_a_question_with_a_deadline_and_one_on_hold_are_left_alone(self) -> None:
        timed, held = self.opened(31, closes_in_s=86_400), self.opened(31)
        Market.objects.filter(pk=held["id"]).update(frozen=True)
        assert (self.status(timed), self.status(held)) == ("open", "open")

    def test_one_clock_that_is_ahead_locks_nothing(self) -> None:
        market = self.opened(1)
        ahead_ms = bank.ask_time_ms() + 200 * DAY_MS
        with mock.patch("web.times.now_ms", return_value=ahead_ms):
            assert self.status(market) == "open"
        with mock.patch.object(clocks, "others", [lambda: [ahead_ms]]):
            assert self.status(market) == "open"

    def test_nothing_is_locked_while_nobody_knows_who_is_there(self) -> None:
        market = self.opened(31)
        away = mock.patch.object(live, "ask", side_effect=live.LiveAway)
        with away, pytest.raises(live.LiveAway):
            schedule.lock_unattended()
        assert self.row(market).status == "open"

    def test_killed_behind_the_lock_the_next_step_goes_on(self) -> None:
        market = self.opened(31)
        stop = mock.patch("betting.actions.decisions._judge", side_effect=SystemExit)
        with stop, pytest.raises(SystemExit):
            schedule.lock_unattended()
        assert self.status(market) == "locked"
        assert LedgerEntry.objects.filter(market_id=market["id"], kind="lock").count() == 1
