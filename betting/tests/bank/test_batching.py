"""Batching: bets that wait together become one call."""

import asyncio
from typing import Any

import pytest

from betting import bank
from betting.bank import PlacedIn
from betting.bank.batching import BETS_PER_CALL_MAX, WAITING_MAX, Batchers
from betting.tests import banking
from betting.tests.banking import ANA, CLUB, MARKET, ROOM, a_bet, coins, entries, give, open_market
from web.refusals import Refused

OTHER = 6

_every_coin_is_somewhere = banking._every_coin_is_somewhere


class CountingBatchers(Batchers):
    """Batchers that remember how many bets each call held, and how many were under way at once."""

    def __init__(self) -> None:
        super().__init__(self._count)
        self.sizes: list[int] = []
        self.under_way = self.under_way_most = 0

    async def _count(self, call: Any) -> Any:
        self.sizes.append(len(call.args) // 8)
        self.under_way += 1
        self.under_way_most = max(self.under_way_most, self.under_way)
        try:
            return await bank.arun(call)
        finally:
            self.under_way -= 1


async def _place_all(batchers: Batchers, bets: list[bank.Bet]) -> list[Any]:
    places = [batchers.place(CLUB, PlacedIn(ROOM, MARKET, bet)) for bet in bets]
    return await asyncio.gather(*places, return_exceptions=True)


async def test_it_gathers_what_waits_and_gives_everyone_the_own_answer() -> None:
    give(ANA, 1000)
    open_market()
    batchers = CountingBatchers()
    bets = [a_bet(ANA, number) for number in range(1, 41)]
    answers = await _place_all(batchers, bets)
    assert [answer.stake_coins for answer, _ in answers] == list(range(1, 41))
    assert coins(ANA) == 1000 - 820
    assert len(batchers.sizes) < 5
    assert max(batchers.sizes) <= BETS_PER_CALL_MAX


async def test_it_sends_a_second_call_only_when_a_full_one_waits() -> None:
    give(ANA, 1000)
    open_market()
    batchers = CountingBatchers()
    await _place_all(batchers, [a_bet(ANA, 1) for _ in range(BETS_PER_CALL_MAX)])
    assert batchers.under_way_most == 1
    await _place_all(batchers, [a_bet(ANA, 1) for _ in range(4 * BETS_PER_CALL_MAX)])
    assert batchers.under_way_most == 2


async def test_it_sends_bets_on_several_markets_together_and_tells_each() -> None:
    give(ANA, 1000)
    open_market()
    open_market(OTHER)
    batchers = CountingBatchers()
    told: list[Any] = []
    batchers.on_batch.append(lambda _club, _room, state, seqs: told.append((state.id, len(seqs))))
    bets = [PlacedIn(ROOM, (MARKET, OTHER)[number % 2], a_bet(ANA, 1)) for number in range(20)]
    answers = await asyncio.gather(*(batchers.place(CLUB, bet) for bet in bets))
    assert [state.id for _answer, state in answers if state] == [MARKET, OTHER] * 10
    assert batchers.sizes == [20]
    assert told == [(MARKET, 10), (OTHER, 10)]


async def test_it_takes_bets_on_a_market_while_a_thousand_wait_for_another() -> None:
    give(ANA, 2000)
    open_market()
    open_market(OTHER)
    batchers = CountingBatchers()
    crowd = asyncio.ensure_future(_place_all(batchers, [a_bet(ANA, 1)] * (WAITING_MAX + 100)))
    await asyncio.sleep(0)
    answer, _state = await batchers.place(CLUB, PlacedIn(ROOM, OTHER, a_bet(ANA, 1)))
    assert isinstance(answer, bank.Accepted)
    assert any(isinstance(answer, Refused) for answer in await crowd)


async def test_it_keeps_a_bet_whose_bettor_went_away() -> None:
    give(ANA, 100)
    open_market()
    batchers = CountingBatchers()
    going = asyncio.ensure_future(batchers.place(CLUB, PlacedIn(ROOM, MARKET, a_bet(ANA, 10))))
    staying = asyncio.ensure_future(batchers.place(CLUB, PlacedIn(ROOM, MARKET, a_bet(ANA, 20))))
    await asyncio.sleep(0)
    going.cancel()
    answer, state = await staying
    assert isinstance(answer, bank.Accepted)
    assert state is not None
    assert sum(entry.coins for entry in entries() if entry.kind == "bet") == 30


async def test_it_fails_all_that_wait_when_the_bank_is_away(settings: Any, tmp_path: Any) -> None:
    give(ANA, 100)
    open_market()
    known = settings.REDIS_BANK_URL
    settings.REDIS_BANK_URL = f"unix://{tmp_path}/nobody.sock"
    batchers = CountingBatchers()
    answers = await _place_all(batchers, [a_bet(ANA, 1) for _ in range(200)])
    assert all(isinstance(answer, bank.BankAway) for answer in answers)
    assert len(batchers.sizes) <= 2
    settings.REDIS_BANK_URL = known


async def test_it_turns_away_more_than_a_thousand_waiting_bets() -> None:
    give(ANA, 2000)
    open_market()
    batchers = CountingBatchers()
    answers = await _place_all(batchers, [a_bet(ANA, 1) for _ in range(WAITING_MAX + 100)])
    busy = [answer for answer in answers if isinstance(answer, Refused)]
    taken = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert busy
    assert {refused.code for refused in busy} == {"busy"}
    assert coins(ANA) == 2000 - len(taken)


async def test_it_tells_each_batch_once_with_those_newly_taken() -> None:
    give(ANA, 100)
    open_market()
    batchers = CountingBatchers()
    told: list[Any] = []
    batchers.on_batch.append(
        lambda club, room, state, seqs: told.append((club, room, state.id, seqs))
    )
    bet = a_bet(ANA, 10)
    [(taken, _state)] = await _place_all(batchers, [bet])
    await _place_all(batchers, [bet])
    assert isinstance(taken, bank.Accepted)
    assert told == [
        (CLUB, ROOM, MARKET, [(ANA, (taken.epoch, taken.seq))]),
        (CLUB, ROOM, MARKET, []),
    ]


async def test_it_forgets_desks_that_are_idle() -> None:
    give(ANA, 100)
    open_market()
    batchers = CountingBatchers()
    await _place_all(batchers, [a_bet(ANA, 1)])
    await asyncio.sleep(0)
    assert not batchers._by_loop[asyncio.get_running_loop()]


@pytest.mark.parametrize("count", [1, 33])
async def test_it_works_through_the_bank_itself(count: int) -> None:
    give(ANA, 100)
    open_market()
    bets = [PlacedIn(ROOM, MARKET, a_bet(ANA, 1)) for _ in range(count)]
    places = [bank.batchers.place(CLUB, bet) for bet in bets]
    answers = await asyncio.gather(*places)
    assert len({answer.seq for answer, _ in answers if isinstance(answer, bank.Accepted)}) == count
