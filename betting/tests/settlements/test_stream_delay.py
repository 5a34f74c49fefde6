"""A stream is late: who was there could bet on what viewers had not yet seen (rule 7)."""

import random
from typing import Any

from betting import bank
from betting.actions import decisions
from betting.audit import reconcile
from betting.models import Market
from betting.tests.evenings import Evening, code_of
from betting.wire.requests import Decision
from rooms.models import Room
from simulation.pool_model import split_late
from simulation.storms import checks

DELAY_S = 60


class StreamDelayTests(Evening):
    def room_fields(self) -> dict[str, Any]:
        return {"stream_delay_s": DELAY_S, "official_after_s": 0}

    def tearDown(self) -> None:
        super().tearDown()
        assert list(checks.broken_pools()) == []
        assert reconcile.reconcile(self.room.club_id, deep=True).differences == []

    def three_bets(self) -> tuple[dict[str, Any], list[int]]:
        """A locked question, and when each of three bets on it was taken."""
        market = self.market()
        bets = [(self.ana, 0, 100), (self.bo, 1, 100), (self.cy, 0, 500)]
        times = [self.bet(who, market, place, coins).json()["at_ms"] for who, place, coins in bets]
        self.step(market, "lock")
        return market, times

    def test_it_gives_back_what_came_within_the_delay_before_it_was_seen(self) -> None:
        market, (first, second, third) = self.three_bets()
        assert first < third and second < third
        seen_at_ms = third + 1000 * DELAY_S
        told = self.settle(market, 0, happened_at_ms=seen_at_ms)
        assert told.status_code == 200, told.content
        assert [self.coins(who) for who in (self.ana, self.bo, self.cy)] == [1100, 900, 1000]
        assert self.row(market).happened_at_ms == third
        for _ in range(2):
            assert self.settle(market, 0, happened_at_ms=seen_at_ms).status_code == 200
            bank.run(bank.forget(self.room.club_id, market["id"]))
        assert code_of(self.settle(market, 0, happened_at_ms=seen_at_ms + 1)) == "already_decided"

    def test_it_gives_all_back_where_it_happened_before_the_opening(self) -> None:
        market, (first, *_) = self.three_bets()
        self.settle(market, 0, happened_at_ms=first + 1)
        row = self.row(market)
        assert (row.status, row.reason) == ("void", "too_small")
        assert row.happened_at_ms == row.opened_at_ms
        assert [self.coins(who) for who in (self.ana, self.bo, self.cy)] == [1000] * 3

    def test_it_takes_no_moment_before_the_opening_or_further_behind_the_lock(self) -> None:
        market, _times = self.three_bets()
        row = self.row(market)
        for moment in (row.opened_at_ms - 1, row.locked_at_ms + 1000 * DELAY_S + 1):
            assert code_of(self.settle(market, 0, happened_at_ms=moment)) == "malformed"
        last = row.locked_at_ms + 1000 * DELAY_S
        assert self.settle(market, 0, happened_at_ms=last, preview=True).status_code == 200

    def test_it_holds_for_questions_that_are_opened_from_then_on(self) -> None:
        before, draft = self.market(), self.market(open=False)
        path = f"rooms/{self.room.code}/"
        assert self.host.ask("PATCH", path, {"stream_delay_s": 7}).json()["stream_delay_s"] == 7
        assert self.step(draft, "open").status_code == 200
        asked = [self.host.ask("GET", f"markets/{each['id']}/").json() for each in (before, draft)]
        assert [each["stream_delay_s"] for each in (*asked, draft)] == [DELAY_S, 7, DELAY_S]
        delays = [self.row(each).stream_delay_s for each in (before, draft)]
        assert delays == [DELAY_S, 7]
        assert code_of(self.host.ask("PATCH", path, {"stream_delay_s": 301})) == "malformed"
        for market in (before, draft):
            self.step(market, "void", reason="Fog")

    def test_it_asks_for_nothing_where_no_moment_is_named(self) -> None:
        market, _times = self.three_bets()
        self.settle(market, 0)
        assert self.row(market).happened_at_ms is None


def test_it_keeps_the_stakes_that_a_plain_reading_of_the_rule_keeps() -> None:
    chance = random.Random(7)
    for _ in range(500):
        happened_at_ms, delay_s = chance.randint(1_000, 90_000), chance.randint(0, 60)
        bets = [(user, 1, 10, chance.randint(1_000, 60_000)) for user in range(8)]
        counting, late = split_late(bets, happened_at_ms, delay_s)
        market = Market(room=Room(), stream_delay_s=delay_s)
        decision = Decision(winners=[1], happened_at_ms=happened_at_ms)
        t0_ms = decisions._past_post_from_ms(market, 1_000, decision)
        assert {user for user, *_, at_ms in bets if at_ms < t0_ms} == {user for user, _ in counting}
        assert len(counting) + len(late) == len(bets)
