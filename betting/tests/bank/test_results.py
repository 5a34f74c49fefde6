"""Unofficial results in the bank: named, changed, withdrawn; official when their time is over."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from betting import bank
from betting.bank.values import read_result
from betting.tests import banking
from betting.tests.banking import (
    ANA,
    BO,
    CLUB,
    HOST,
    MARKET,
    NO,
    YES,
    coins,
    entries,
    everything,
    give,
    lock,
    open_market,
    settle,
    stake,
    state,
    void,
)  # fmt: skip

_every_coin_is_somewhere = banking._every_coin_is_somewhere
COHOST = 901
AFTER_MS = 15_000


def announce(result: str, by: int = HOST, after_ms: int = AFTER_MS, **others: Any) -> Any:
    return bank.run(bank.announce(CLUB, MARKET, result=result, by=by, after_ms=after_ms, **others))


def name(outcome: int, **others: Any) -> Any:
    return announce(f"settle:{outcome}@0", **others)


def withdraw(by: int = HOST, **others: Any) -> Any:
    return bank.run(bank.withdraw(CLUB, MARKET, by, **others))


def make_official() -> Any:
    return bank.run(bank.make_official(CLUB, MARKET))


def let_time_pass() -> None:
    """Put the moment at which the result is official into the past.

    A whole second, because the bank's time is known to about half a slow answer only.
    """
    key = bank.Keys(CLUB).market(MARKET)
    bank.command("HSET", key, "official_at_ms", bank.ask_time_ms() - 1000)


def kinds() -> list[str]:
    return [entry.kind for entry in entries() if entry.market_id == MARKET]


@pytest.fixture(autouse=True)
def _staked() -> None:
    open_market()
    for user, outcome in ((ANA, YES), (BO, NO)):
        give(user, 100)
        stake(user, 60, outcome)


def test_it_names_a_result_and_moves_nothing() -> None:
    lock()
    named = name(YES)
    assert (named.is_repeat, named.state.status, named.state.decision) == (False, "locked", "")
    assert (named.state.result, named.state.result_by) == (f"settle:{YES}@0", HOST)
    mark = entries()[-1]
    assert (mark.kind, mark.coins, mark.user_id, mark.command) == (
        "result", 0, HOST, f"settle:{YES}@0:{AFTER_MS}",
    )  # fmt: skip
    assert named.state.official_at_ms == mark.at_ms + AFTER_MS
    assert coins(ANA) == 40


def test_it_starts_no_time_anew_for_the_same_result() -> None:
    lock()
    first = name(YES)
    before = everything()
    again = name(YES, by=COHOST)
    assert (again.seq, again.is_repeat) == (first.seq, True)
    assert everything() == before


def test_it_takes_another_result_three_times_and_then_no_more() -> None:
    lock()
    for outcome in (YES, NO, YES, NO):
        assert not name(outcome).is_repeat
    before = everything()
    assert name(YES) == bank.Denied("changed_too_often")
    assert everything() == before
    assert not withdraw().is_repeat
    assert name(YES).state.result == f"settle:{YES}@0"


def test_it_is_official_when_its_time_is_over_and_never_before() -> None:
    lock()
    assert make_official() == bank.Denied("not_due")
    name(NO)
    assert make_official() == bank.Denied("not_due")
    let_time_pass()
    decided = make_official()
    assert (decided.state.decision, decided.state.winners) == ("settle", [NO])
    assert (decided.state.decided_by, decided.state.result) == (HOST, "")
    assert make_official().is_repeat
    assert kinds()[-2:] == ["result", "settle"]


@pytest.mark.parametrize("late", ["name", "withdraw"])
def test_it_hears_no_change_after_its_time_even_without_a_clock(late: str) -> None:
    lock()
    name(YES)
    let_time_pass()
    answer = name(NO) if late == "name" else withdraw()
    assert answer == bank.Denied("already_decided")
    assert (state().decision, state().winners) == ("settle", [YES])
    assert name(YES).is_repeat


def test_it_makes_nothing_official_on_hold() -> None:
    lock()
    name(YES)
    let_time_pass()
    bank.run(bank.freeze(CLUB, MARKET, True))
    assert make_official() == bank.Denied("not_due")
    bank.run(bank.freeze(CLUB, MARKET, False))
    assert make_official().state.winners == [YES]


def test_it_withdraws_a_result_and_is_locked_as_before() -> None:
    lock()
    name(YES)
    taken_back = withdraw(COHOST)
    assert (taken_back.state.status, taken_back.state.result) == ("locked", "")
    assert taken_back.state.official_at_ms == 0
    assert (entries()[-1].kind, entries()[-1].user_id) == ("withdraw", COHOST)
    before = everything()
    assert withdraw().is_repeat
    assert everything() == before


def test_it_withdraws_nothing_of_an_open_or_a_decided_market() -> None:
    assert withdraw() == bank.Denied("market_not_locked")
    lock()
    settle(f"{YES}@0")
    assert withdraw() == bank.Denied("already_decided")


def test_it_hears_nobody_who_holds_a_position_but_an_operator() -> None:
    lock()
    assert name(YES, by=ANA) == bank.Denied("holder_may_not_settle")
    name(YES)
    assert withdraw(ANA) == bank.Denied("holder_may_not_settle")
    assert not withdraw(ANA, is_operator=True).is_repeat
    assert not name(NO, by=ANA, is_operator=True).is_repeat


def test_it_decides_at_once_where_no_time_is_asked_for() -> None:
    lock()
    name(YES)
    decided = name(NO, after_ms=0)
    assert (decided.state.decision, decided.state.winners) == ("settle", [NO])
    assert kinds()[-2:] == ["result", "settle"]


def test_it_announces_a_void_and_locks_an_open_market_with_it() -> None:
    named = announce("void:void")
    assert (named.state.status, named.state.result) == ("locked", "void:void")
    assert kinds()[-2:] == ["lock", "result"]
    let_time_pass()
    decided = make_official()
    assert (decided.state.decision, decided.state.decision_command) == ("void", "void")


def test_it_voids_an_empty_market_at_once() -> None:
    open_market(market_id=6)
    call = bank.announce(CLUB, 6, result="void:void", by=HOST, after_ms=AFTER_MS)
    answer = bank.run(call)
    assert isinstance(answer, bank.Marked)
    assert answer.state.decision == "void"


def test_it_lets_the_clock_call_nothing_off_while_a_result_stands() -> None:
    lock()
    name(YES)
    assert void(by=None, reason="unresolved") == bank.Denied("not_due")
    withdraw()
    assert void(by=None, reason="unresolved").state.decision == "void"


def test_it_needs_a_lock_and_winners_that_are_there() -> None:
    assert name(YES) == bank.Denied("market_not_locked")
    lock()
    assert name(999) == bank.Denied("no_such_outcome")
    assert announce("settle:@0") == bank.Denied("malformed")
    assert announce("paid:1@0") == bank.Denied("malformed")


def test_it_gives_two_at_once_one_clear_answer_each() -> None:
    lock()
    name(YES)
    for _ in range(20):
        with ThreadPoolExecutor(2) as pool:
            naming, taking = pool.submit(name, NO), pool.submit(withdraw, COHOST)
        named, taken = naming.result(), taking.result()
        assert isinstance(named, bank.Marked)
        assert isinstance(taken, bank.Marked)
        was_last = named.seq > taken.seq
        assert state().result == (f"settle:{NO}@0" if was_last else "")
        withdraw()
        name(YES)


def test_it_makes_official_by_the_clock_after_an_entry_from_ahead() -> None:
    lock()
    ahead = bank.ask_time_ms() + 9 * 3_600_000
    bank.command("HSET", bank.Keys(CLUB).head, "at_ms", ahead)
    named = name(YES)
    mark = entries()[-1]
    assert abs(named.state.official_at_ms - bank.ask_time_ms() - AFTER_MS) < 5_000
    assert mark.at_ms + read_result(mark.command)[1] == named.state.official_at_ms
    assert make_official().code == "not_due"
    let_time_pass()
    assert make_official().state.decision == "settle"
