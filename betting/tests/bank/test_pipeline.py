"""The connection of an event loop to the bank: what is sent in one turn, and who is told what."""

import asyncio
import os
import signal
from typing import Any

import pytest

from betting import bank
from betting.bank.connections import aprimaries
from betting.bank.errors import BankSlow
from betting.tests import banking
from betting.tests.banking import CLUB, coins, give

_every_coin_is_somewhere = banking._every_coin_is_somewhere

USERS = range(1, 41)


def _grants() -> list[bank.Call[Any]]:
    return [bank.grant(CLUB, user, user, f"gift:{user}") for user in USERS]


async def _send(calls: list[bank.Call[Any]]) -> list[Any]:
    return await asyncio.gather(*map(bank.arun, calls), return_exceptions=True)


async def _connection() -> int:
    [primary] = await aprimaries()
    return int(await primary.aask("CLIENT", "ID"))


def _reads() -> int:
    return int(bank.each_primary("INFO", "stats")[0]["total_reads_processed"])


async def test_it_gives_each_of_many_calls_its_own_answer_over_one_connection() -> None:
    before = await _connection()
    moved = await _send(_grants())
    assert [grant.coins for grant in moved] == list(USERS)
    assert len({grant.seq for grant in moved}) == len(USERS)
    assert await _connection() == before


async def test_it_sends_the_calls_of_one_turn_in_one_write() -> None:
    await _connection()
    before = _reads()
    await _send(_grants())
    assert _reads() - before < len(USERS) / 2


async def test_it_answers_the_others_when_one_of_them_gave_up() -> None:
    calls = [asyncio.ensure_future(bank.arun(call)) for call in _grants()]
    await asyncio.sleep(0)
    calls[3].cancel()
    answers: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(answers.pop(3), asyncio.CancelledError)
    assert [grant.coins for grant in answers] == [user for user in USERS if user != 4]


async def test_it_tells_a_refusal_to_the_call_that_was_refused_alone() -> None:
    give(1, 5)
    broken = bank.Call("no_such_function", (f"{{c{CLUB}}}:head",), (), list)
    answers = await _send([bank.read(CLUB, [], [1]), broken, bank.read(CLUB, [], [1])])
    assert [isinstance(answer, bank.BankAway) for answer in answers] == [False, True, False]
    assert answers[0].coins == answers[2].coins == {1: 5}


async def test_it_says_away_to_all_that_wait_when_the_connection_ends() -> None:
    lost = await _connection()
    bank.each_primary("CLIENT", "PAUSE", "60000", "WRITE")
    try:
        sending = asyncio.ensure_future(_send(_grants()))
        await asyncio.sleep(0.1)
        bank.each_primary("CLIENT", "KILL", "ID", str(lost))
        answers = await sending
    finally:
        bank.each_primary("CLIENT", "UNPAUSE")
    assert all(isinstance(answer, bank.BankAway) for answer in answers)
    assert await _connection() != lost
    # What was not decided before is decided now; what was is not decided again.
    await _send(_grants())
    assert [coins(user) for user in USERS] == list(USERS)


async def test_it_gives_up_on_a_bank_that_hangs_and_begins_anew() -> None:
    before = await _connection()
    [info] = bank.each_primary("INFO", "server")
    os.kill(info["process_id"], signal.SIGSTOP)
    try:
        answers = await _send(_grants())
    finally:
        os.kill(info["process_id"], signal.SIGCONT)
    assert all(isinstance(answer, BankSlow) for answer in answers)
    assert await _connection() != before
    await _send(_grants())
    assert [coins(user) for user in USERS] == list(USERS)


@pytest.mark.parametrize("letters", ["한국어", "\udcff"])
async def test_it_reads_text_of_any_kind(letters: str) -> None:
    [primary] = await aprimaries()
    told = letters.encode("utf-8", "surrogateescape")
    assert await primary.aask("ECHO", told) == told.decode("utf-8", "replace")
