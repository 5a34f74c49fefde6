"""The connection of an event loop to the bank: what is sent in one turn, and who is told what."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from betting import bank
from betting.bank.connections import aprimaries
from betting.bank.errors import BankSlow
from betting.bank.redis_clients import SOCKET_TIMEOUT_S, LoopClient
from betting.bank.routing import ALONE
from betting.tests import banking
from betting.tests.banking import CLUB, coins, give

_every_coin_is_somewhere = banking._every_coin_is_somewhere

USERS = range(1, 41)
PATIENCE_S = 30.0


def _grants() -> list[bank.Call[Any]]:
    return [bank.grant(CLUB, user, user, f"gift:{user}") for user in USERS]


async def _send(calls: list[bank.Call[Any]]) -> list[Any]:
    return await asyncio.gather(*map(bank.arun, calls), return_exceptions=True)


async def _connection() -> int:
    [primary] = await aprimaries()
    return int(await primary.aask("CLIENT", "ID"))


def _reads() -> int:
    return int(bank.each_primary("INFO", "stats")[0]["total_reads_processed"])


def _connected(number: int) -> bool:
    return f"id={number} " in bank.each_primary("CLIENT", "LIST")[0]


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


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


async def test_the_time_of_a_call_does_not_run_while_its_own_loop_stands_still() -> None:
    before = await _connection()
    calls = [asyncio.ensure_future(bank.arun(call)) for call in _grants()]
    # In the turn in which they are put, before the one in which they are sent.
    asyncio.get_running_loop().call_soon(time.sleep, SOCKET_TIMEOUT_S + 0.2)
    assert [grant.coins for grant in await asyncio.gather(*calls)] == list(USERS)
    assert await _connection() == before


@pytest.mark.parametrize("option", ["timeout=2", "max_connections=3"])
async def test_the_address_may_have_options_of_a_pool(option: str, settings: Any) -> None:
    url = settings.REDIS_BANK_URL
    settings.REDIS_BANK_URL = f"{url}{'&' if '?' in url else '?'}{option}"
    [primary] = await aprimaries()
    assert await primary.aask("ECHO", "a") == "a"
    assert await asyncio.to_thread(primary.ask, "ECHO", "b") == "b"


async def test_a_connection_retired_while_it_opens_answers_and_is_closed(settings: Any) -> None:
    client = LoopClient(settings.REDIS_BANK_URL, ALONE)
    asking = asyncio.ensure_future(client.ask(("CLIENT", "ID")))
    await asyncio.sleep(0)
    client.retire()
    number = await asking
    deadline_s = time.monotonic() + PATIENCE_S
    while await asyncio.to_thread(_connected, number):
        assert time.monotonic() < deadline_s


def test_connections_of_loops_that_ended_are_closed() -> None:
    numbers = [asyncio.run(_connection()) for _ in range(5)]
    gc.collect()
    # The last loop's are kept until another one comes.
    _wait_until(lambda: not any(map(_connected, numbers[:-1])))


@pytest.mark.parametrize("letters", ["한국어", "\udcff"])
async def test_it_reads_text_of_any_kind(letters: str) -> None:
    [primary] = await aprimaries()
    told = letters.encode("utf-8", "surrogateescape")
    assert await primary.aask("ECHO", told) == told.decode("utf-8", "replace")
