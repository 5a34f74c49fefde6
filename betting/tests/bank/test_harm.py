"""Harm: rubbish in keys, a full memory, a bank that is gone. Nothing is ever half done."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
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
    ROOM,
    YES,
    a_bet,
    coins,
    everything,
    give,
    open_market,
    place,
    settle,
    stake,
    state,
)  # fmt: skip

# A call that tried again and again would take longer; a slow machine does not.
HANGS_S = 10

_every_coin_is_somewhere = banking._every_coin_is_somewhere


def _calls() -> list[bank.Call[Any]]:
    chunk = bank.Chunk(settlement="s", cursor=0, items=[], final="void:void")
    return [
        bank.place_bets(CLUB, ROOM, MARKET, [a_bet(ANA, 5), a_bet(BO, 5)]),
        bank.grant(CLUB, ANA, 5, "gift"),
        bank.burn(CLUB, ANA, 5, "fine"),
        bank.lock(CLUB, MARKET, HOST),
        bank.decide(CLUB, MARKET, kind="void", command="void", by=HOST),
        bank.pay(CLUB, MARKET, chunk),
    ]


KINDS = ["head", "wallets", "journal", "grants", "m:5", "m:5:positions", "m:5:bets"]


@pytest.mark.parametrize("name", KINDS)
def test_it_changes_nothing_when_a_key_is_of_another_type(name: str) -> None:
    give(ANA, 100)
    open_market()
    stake(ANA, 5)
    key = f"{{c{CLUB}}}:{name}"
    bank.command("RENAMENX", key, f"{key}:kept")
    bank.command("SET", key, "a text")
    for call in _calls():
        if key not in call.keys:
            continue
        before = everything()
        try:
            bank.run(call)
        except bank.BankBroken:
            assert everything() == before
        else:
            # A call may be refused, or be done, before it comes to that key; it never is half done.
            assert bank.command("TYPE", key) == "string"
    bank.command("DEL", key)
    bank.command("RENAMENX", f"{key}:kept", key)


def test_it_changes_nothing_when_the_head_is_behind_its_journal() -> None:
    give(ANA, 100)
    open_market()
    bank.command("HINCRBY", bank.Keys(CLUB).head, "seq", -1)
    before = everything()
    for call in _calls()[:5]:
        with pytest.raises(bank.BankBroken):
            bank.run(call)
    assert everything() == before
    bank.command("HINCRBY", bank.Keys(CLUB).head, "seq", 1)


@pytest.fixture
def full_memory() -> Iterator[None]:
    [before] = bank.each_primary("INFO", "memory")
    yield
    bank.each_primary("CONFIG", "SET", "maxmemory", before["maxmemory"])


def test_it_refuses_bets_whole_and_still_pays_when_memory_is_full(full_memory: None) -> None:
    give(ANA, 100)
    give(BO, 100)
    open_market()
    stake(ANA, 60)
    stake(BO, 40, NO)
    bank.each_primary("CONFIG", "SET", "maxmemory", "1mb")
    before = everything()
    refused = [bank.place_bets(CLUB, ROOM, MARKET, [a_bet(ANA, 5)]), bank.grant(CLUB, ANA, 5, "g")]
    for call in refused:
        with pytest.raises(bank.BankFull):
            bank.run(call)
    assert everything() == before
    banking.lock()
    settle(f"{YES}@0")
    item = bank.PayItem(kind="payout", user_id=ANA, outcome_id=YES, coins=100, stake_coins=60)
    chunk = bank.Chunk(settlement="s", cursor=0, items=[item], final="settled")
    bank.run(bank.pay(CLUB, MARKET, chunk))
    assert (coins(ANA), state().status) == (140, "settled")


def test_it_says_away_when_nobody_answers(settings: Any, tmp_path: Any) -> None:
    known = settings.REDIS_BANK_URL
    settings.REDIS_BANK_URL = f"unix://{tmp_path}/nobody.sock"
    with pytest.raises(bank.BankAway):
        bank.run(bank.read(CLUB, [], []))
    with pytest.raises(bank.BankAway):
        asyncio.run(bank.arun(bank.read(CLUB, [], [])))
    with pytest.raises(bank.BankAway):
        bank.head(CLUB)
    settings.REDIS_BANK_URL = known


def test_it_says_away_for_a_club_that_has_not_begun() -> None:
    for call in (bank.grant(999, ANA, 5, "gift"), bank.read(999, [], [])):
        with pytest.raises(bank.BankAway):
            bank.run(call)  # type: ignore[arg-type]


def test_it_answers_threads_and_loops_alike() -> None:
    give(ANA, 100)
    open_market()
    bet = a_bet(ANA, 10)
    first = place(bet)
    again = asyncio.run(bank.arun(bank.place_bets(CLUB, ROOM, MARKET, [bet]))).answers[0]
    assert isinstance(again, bank.Accepted)
    assert (again.seq, again.is_repeat) == (first.seq, True)
    held = bank.read(CLUB, [MARKET], [ANA, BO])
    assert asyncio.run(bank.arun(held)) == bank.run(held)


def test_it_tells_the_time_of_the_bank() -> None:
    seconds, micros = bank.each_primary("TIME")[0]
    bank_ms = int(seconds) * 1000 + int(micros) // 1000
    assert abs(bank.ask_time_ms() - bank_ms) < 10_000


def test_it_gives_up_on_a_bank_that_hangs_and_takes_the_bet_once() -> None:
    give(ANA, 100)
    open_market()
    [info] = bank.each_primary("INFO", "server")
    bet = a_bet(ANA, 10)
    os.kill(info["process_id"], signal.SIGSTOP)
    began_s = time.monotonic()
    try:
        with pytest.raises(bank.BankAway):
            place(bet)
    finally:
        os.kill(info["process_id"], signal.SIGCONT)
    assert time.monotonic() - began_s < HANGS_S
    assert isinstance(place(bet), bank.Accepted)
    assert place(bet).is_repeat
    assert coins(ANA) == 90


def test_it_knows_how_full_it_is(full_memory: None) -> None:
    assert 0 < bank.fullness() < 1
    bank.each_primary("CONFIG", "SET", "maxmemory", "1mb")
    assert bank.fullness() > 1
