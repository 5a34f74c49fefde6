"""Many at once: threads that bet, lock and decide at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from betting import bank
from betting.tests import banking
from betting.tests.banking import (
    ANA,
    BO,
    CLUB,
    HOST,
    MARKET,
    NO,
    ROOM,
    YES,
    a_bet,
    coins,
    entries,
    give,
    open_market,
    place,
    settle,
    stake,
    state,
    void,
)  # fmt: skip

_every_coin_is_somewhere = banking._every_coin_is_somewhere


def at_once(acts: Sequence[Callable[[], Any]], threads: int = 12) -> list[Any]:
    """Run acts as close to each other as threads allow; their answers, in order."""
    ready = threading.Barrier(min(threads, len(acts)))

    def act(number: int) -> Any:
        if number < ready.parties:
            ready.wait()
        return acts[number]()

    with ThreadPoolExecutor(ready.parties) as pool:
        return list(pool.map(act, range(len(acts))))


def test_it_takes_exactly_seven_of_two_hundred_bets_of_ten_on_seventy() -> None:
    give(ANA, 70)
    open_market()
    answers = at_once([lambda: stake(ANA, 10)] * 200)
    assert sum(isinstance(answer, bank.Accepted) for answer in answers) == 7
    assert {answer.code for answer in answers if isinstance(answer, bank.Denied)} == {
        "not_enough_coins"
    }
    assert (coins(ANA), state().pools[YES]) == (0, 70)


def test_it_takes_fifty_equal_bets_once_and_answers_all_the_same() -> None:
    give(ANA, 1000)
    open_market()
    bet = a_bet(ANA, 10)
    answers = at_once([lambda: place(bet)] * 50)
    assert len({replace(answer, is_repeat=False) for answer in answers}) == 1
    assert sum(not answer.is_repeat for answer in answers) == 1
    assert coins(ANA) == 990


def test_it_takes_no_bet_after_the_deadline() -> None:
    give(ANA, 100_000)
    open_market(closes_in_s=10)
    # The first bet is in before the deadline is near, however slow the machine is.
    answers: list[Any] = [stake(ANA, 1)]
    closes_at_ms = bank.ask_time_ms() + 60
    bank.command("HSET", bank.Keys(CLUB).market(MARKET), "closes_at_ms", closes_at_ms)
    while isinstance(answers[-1], bank.Accepted):
        bets = [a_bet(ANA, 1) for _ in range(8)]
        call = bank.place_bets(CLUB, ROOM, MARKET, bets)
        for batch in at_once([lambda call=call: bank.run(call)] * 4, threads=4):
            answers += batch.answers
    taken = [answer for answer in answers if isinstance(answer, bank.Accepted)]
    assert taken
    assert all(answer.at_ms < closes_at_ms for answer in taken)
    assert all(answer.seq < state().lock_seq for answer in taken)
    locks = [entry for entry in entries() if entry.kind == "lock"]
    assert [(lock.command, lock.at_ms >= closes_at_ms) for lock in locks] == [("deadline", True)]


def test_it_lets_one_of_settle_and_void_stand() -> None:
    give(ANA, 100)
    give(BO, 100)
    for market_id in range(MARKET, MARKET + 6):
        open_market(market_id)
        place(a_bet(ANA, 5), market_id)
        bank.run(bank.lock(CLUB, market_id, HOST))
        calls = [
            bank.decide(CLUB, market_id, kind="settle", command=f"{YES}@0", by=HOST),
            bank.decide(CLUB, market_id, kind="void", command="void", by=HOST),
        ] * 4
        answers = at_once([lambda call=call: bank.run(call) for call in calls], threads=8)
        first = [
            answer for answer in answers if isinstance(answer, bank.Marked) and not answer.is_repeat
        ]
        denied = [answer.code for answer in answers if isinstance(answer, bank.Denied)]
        assert (len(first), denied) == (1, ["already_decided"] * 4)
        decisions = [
            entry.kind
            for entry in entries()
            if entry.market_id == market_id and entry.kind in ("settle", "void")
        ]
        assert decisions == [state(market_id).decision]


def test_it_lets_nobody_bet_and_decide_at_the_same_moment() -> None:
    give(BO, 100)
    open_market()
    bets: list[Callable[[], Any]] = [lambda: stake(BO, 10, NO)] * 3
    at_once([*bets, lambda: void(BO), lambda: void(BO)], threads=5)
    found = bank.run(bank.read(CLUB, [MARKET], [BO]))
    is_holder = (MARKET, BO) in found.positions
    assert is_holder != (found.states[MARKET].decision == "void")


def test_it_locks_once() -> None:
    open_market()
    answers = at_once([lambda: bank.run(bank.lock(CLUB, MARKET, HOST))] * 10)
    assert len({answer.seq for answer in answers}) == 1
    assert sum(not answer.is_repeat for answer in answers) == 1
    assert settle("11@0").seq == answers[0].seq + 1
