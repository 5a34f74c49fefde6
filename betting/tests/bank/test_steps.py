"""Grants and burns, and the steps of a market: open, lock, decide, freeze, forget."""

from dataclasses import replace
from typing import Any

import pytest

from betting import bank
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
LIMIT = 9 * 10**15


def grant(coins_: int, command: str = "gift", **others: Any) -> Any:
    return bank.run(bank.grant(CLUB, ANA, coins_, command, **others))


def burn(coins_: int, command: str = "fine", **others: Any) -> Any:
    return bank.run(bank.burn(CLUB, ANA, coins_, command, **others))


def test_it_grants_once_per_command() -> None:
    first = grant(100)
    assert (first.coins, first.coins_after, first.is_repeat) == (100, 100, False)
    give(ANA, 5)
    assert grant(100) == replace(first, is_repeat=True)
    assert grant(101) == bank.Denied("key_reused")
    assert burn(100, "gift") == bank.Denied("key_reused")
    assert coins(ANA) == 105


def test_it_burns_at_most_what_the_wallet_holds() -> None:
    give(ANA, 70)
    taken = burn(100, market_id=MARKET)
    assert (taken.coins, taken.coins_after) == (70, 0)
    assert burn(100) == replace(taken, is_repeat=True)
    assert burn(1, "again") == bank.Denied("not_enough_coins", 0)
    assert (entries()[-1].market_id, entries()[-1].wallet_after) == (MARKET, 0)


def test_it_never_issues_more_than_lua_can_count() -> None:
    assert grant(LIMIT).coins_after == LIMIT
    assert grant(1, "one-more") == bank.Denied("stake_above_maximum", LIMIT)
    assert coins(ANA) == LIMIT


@pytest.mark.parametrize("amount", ["0", "-1", "1e3", "10.0", "nan", "", str(LIMIT + 1)])
def test_it_grants_whole_coins_only(amount: str) -> None:
    before = everything()
    for call in (bank.grant(CLUB, ANA, 1, "gift"), bank.burn(CLUB, ANA, 1, "gift")):
        broken = replace(call, args=(ANA, amount, "gift", ""))
        assert bank.run(broken) == bank.Denied("malformed")
    assert everything() == before


def test_it_opens_once_and_counts_the_deadline_from_then() -> None:
    opened = open_market(closes_in_s=60, max_stake_coins=7, takeout_bp=500, min_bettors=3)
    assert opened.closes_at_ms == opened.opened_at_ms + 60_000
    assert (opened.max_stake_coins, opened.takeout_bp, opened.min_bettors) == (7, 500, 3)
    assert open_market() == opened
    only = entries()
    assert [(entry.kind, entry.user_id, entry.command) for entry in only] == [
        ("open", HOST, f"closes:{opened.closes_at_ms}")
    ]


def test_it_lets_the_clock_lock_at_the_deadline_only() -> None:
    open_market(closes_in_s=60)
    assert bank.run(bank.lock(CLUB, MARKET)) == bank.Denied("not_due")
    bank.command("HSET", bank.Keys(CLUB).market(MARKET), "closes_at_ms", 1)
    answer = bank.run(bank.lock(CLUB, MARKET, HOST))
    assert isinstance(answer, bank.Marked)
    last = entries()[-1]
    assert (last.command, last.user_id, answer.seq) == ("deadline", None, last.seq)


def test_it_knows_no_market_that_was_never_opened() -> None:
    assert bank.run(bank.lock(CLUB, MARKET, HOST)) == bank.Denied("unknown")
    assert void() == bank.Denied("unknown")
    assert bank.run(bank.freeze(CLUB, MARKET, True)) == bank.Denied("unknown")


def test_it_settles_a_locked_market_only() -> None:
    open_market()
    assert settle(f"{YES}@0") == bank.Denied("market_not_locked")
    lock()
    first = settle(f"{YES}.{NO}@0")
    assert settle(f"{YES}.{NO}@0") == replace(first, is_repeat=True)
    assert settle(f"{YES}@0") == bank.Denied("already_decided")
    assert void() == bank.Denied("already_decided")
    found = state()
    assert (found.decision, found.decision_command, found.decided_by) == (
        "settle", f"{YES}.{NO}@0", HOST,
    )  # fmt: skip
    assert (found.status, found.decide_seq) == ("locked", first.seq)


WRONG_WINNERS = ["", "@0", "11", "11@", "11@x", "11@-1", "11.11@0", ".11@0", "11.@0", "11..12@0",
                 "11,12@0", "0@0", "11@1", "11@9999999999999"]  # fmt: skip


@pytest.mark.parametrize("command", WRONG_WINNERS)
def test_it_refuses_winners_that_make_no_sense(command: str) -> None:
    open_market()
    lock()
    before = everything()
    assert settle(command) == bank.Denied("malformed")
    assert settle("99@0") == bank.Denied("no_such_outcome")
    assert everything() == before


def test_it_takes_a_moment_between_opening_and_lock() -> None:
    opened = open_market()
    locked = lock()
    assert settle(f"{YES}@{opened.opened_at_ms - 1}") == bank.Denied("malformed")
    assert settle(f"{YES}@{locked.locked_at_ms + 1}") == bank.Denied("malformed")
    assert isinstance(settle(f"{YES}@{opened.opened_at_ms}"), bank.Marked)


def test_it_lets_no_holder_decide_but_an_operator() -> None:
    give(BO, 10)
    open_market()
    stake(BO, 10)
    lock()
    assert settle(f"{YES}@0", by=BO) == bank.Denied("holder_may_not_settle")
    assert void(by=BO) == bank.Denied("holder_may_not_settle")
    assert isinstance(settle(f"{YES}@0", by=BO, is_operator=True), bank.Marked)


def test_it_locks_an_open_market_when_it_is_voided() -> None:
    give(ANA, 10)
    open_market()
    stake(ANA, 5)
    first = void()
    assert [entry.kind for entry in entries()[-2:]] == ["lock", "void"]
    assert (state().status, state().decision, state().lock_seq) == (
        "locked", "void", first.seq - 1,
    )  # fmt: skip
    assert void() == replace(first, is_repeat=True)
    assert void(reason="unresolved") == bank.Denied("already_decided")
    assert stake(ANA, 5) == bank.Denied("market_closed")


def test_it_voids_for_known_reasons_only() -> None:
    open_market()
    assert void(reason="boredom") == bank.Denied("malformed")
    assert isinstance(void(by=None, reason="too_small"), bank.Marked)


def test_it_lets_a_refused_settle_of_a_due_market_lock_it() -> None:
    open_market(closes_in_s=60)
    bank.command("HSET", bank.Keys(CLUB).market(MARKET), "closes_at_ms", 1)
    assert settle("99@0") == bank.Denied("no_such_outcome")
    assert state().status == "locked"


def test_it_freezes_without_an_entry_and_with_a_higher_version() -> None:
    opened = open_market()
    frozen = bank.run(bank.freeze(CLUB, MARKET, True))
    assert isinstance(frozen, bank.MarketState)
    assert (frozen.frozen, frozen.version) == (True, opened.version + 1)
    assert bank.run(bank.freeze(CLUB, MARKET, True)) == frozen
    assert lock().version > frozen.version
    assert len(entries()) == 2


def test_it_forgets_final_markets_only() -> None:
    open_market()
    assert bank.run(bank.forget(CLUB, MARKET)) is False
    void()
    chunk = bank.Chunk(settlement="s", cursor=0, items=[], final="void:void")
    bank.run(bank.pay(CLUB, MARKET, chunk))
    assert bank.run(bank.forget(CLUB, MARKET)) is True
    assert bank.run(bank.forget(CLUB, MARKET)) is True
    assert bank.run(bank.read(CLUB, [MARKET], [])).states == {}


def test_it_forgets_empty_wallets_only() -> None:
    give(ANA, 5)
    assert bank.run(bank.forget_wallet(CLUB, ANA, ["forgotten:1"])) is False
    burn = bank.burn(CLUB, ANA, 5, "forgotten:1")
    first = bank.run(burn)
    assert bank.run(bank.forget_wallet(CLUB, ANA, ["forgotten:1"])) is True
    assert bank.run(bank.forget_wallet(CLUB, ANA, ["forgotten:1"])) is True
    assert bank.command("HEXISTS", bank.Keys(CLUB).wallets, ANA) == 0
    # Nothing is left to burn, so a repeat that is no longer known moves nothing either.
    assert bank.run(burn) == bank.Denied("not_enough_coins", 0) and isinstance(first, bank.Moved)


def test_it_starts_an_epoch_on_an_empty_club_only() -> None:
    give(ANA, 5)
    fresh = bank.Head.fresh(epoch=2)
    assert bank.run(bank.start_epoch(CLUB, fresh)) is False
    other = CLUB + 1
    bank.wipe(other)
    assert bank.find_head(other) is None
    head = replace(fresh, seq=41, chain="abc", issued=5, in_wallets=5)
    bank.put(bank.Keys(other).wallets, {str(ANA): "5"})
    assert bank.run(bank.start_epoch(other, head)) is True
    answer = bank.run(bank.grant(other, ANA, 1, "gift"))
    assert isinstance(answer, bank.Moved)
    assert (answer.epoch, answer.seq, answer.coins_after) == (2, 42, 6)


def test_it_trims_what_was_read_and_keeps_its_numbers() -> None:
    for _ in range(5):
        give(ANA, 1)
    assert bank.trim(CLUB + 2, 1, 0) == 0
    other = CLUB + 3
    for number in range(5):
        bank.run(bank.grant(other, ANA, 1, f"gift:{number}"))
    assert bank.trim(other, 1, 3) == 3
    assert [entry.seq for entry in bank.journal(other, 1, 0)] == [4, 5]
    assert [entry.seq for entry in bank.journal(other, 1, 4)] == [5]
    bank.trim(other, 1, 5)
    assert bank.run(bank.grant(other, ANA, 1, "gift:6")).seq == 6  # type: ignore[union-attr]


def test_it_writes_times_that_never_go_back() -> None:
    ahead = bank.ask_time_ms() + 60_000
    bank.command("HSET", bank.Keys(CLUB).head, "at_ms", ahead)
    give(ANA, 5)
    give(ANA, 5)
    assert [entry.at_ms for entry in entries()] == [ahead, ahead]


def test_it_takes_bets_and_locks_by_the_clock_after_an_entry_from_hours_ahead() -> None:
    give(ANA, 100)
    ahead = bank.ask_time_ms() + 9 * 3_600_000
    bank.command("HSET", bank.Keys(CLUB).head, "at_ms", ahead)
    opened = open_market(closes_in_s=60)
    assert abs(opened.closes_at_ms - bank.ask_time_ms() - 60_000) < 5_000
    assert stake(ANA, 30).coins == 70
    assert stake(ANA, 5, expires_at_ms=bank.ask_time_ms() - 1000) == bank.Denied("expired")
    key = bank.Keys(CLUB).market(MARKET)
    bank.command("HSET", key, "closes_at_ms", bank.ask_time_ms() - 1000)
    assert stake(ANA, 5) == bank.Denied("market_closed")
    assert [entry.kind for entry in entries()[-3:]] == ["open", "bet", "lock"]
    assert {entry.at_ms for entry in entries()[-3:]} == {ahead}
