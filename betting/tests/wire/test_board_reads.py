"""What rooms are shown is read beside the bets, never before them."""

import asyncio
import os
import signal
import time
from typing import Any

from betting import bank
from betting.tests import banking
from betting.tests.banking import ANA, CLUB, MARKET, YES, a_bet, give, open_market
from betting.wire import board_reads

ROOMS = 60
# In turn it would be a quarter of the rooms, in seconds.
ALL_TOLD_S = 10.0

_every_coin_is_somewhere = banking._every_coin_is_somewhere


def _connected() -> int:
    return int(bank.each_primary("INFO", "clients")[0]["connected_clients"])


async def _read_for_all_rooms() -> int:
    """All rooms at once, and a bet; returns how many connections that made."""
    before = _connected()
    reads = [asyncio.create_task(board_reads.read(CLUB, [MARKET], [ANA])) for _ in range(ROOMS)]
    await asyncio.sleep(0)
    placed = await bank.arun(bank.place_bets(CLUB, banking.ROOM, MARKET, [a_bet(ANA, 1, YES)]))
    assert isinstance(placed.answers[0], bank.Accepted)
    await asyncio.gather(*reads)
    return _connected() - before


def test_a_bet_waits_behind_no_more_than_a_few_of_them() -> None:
    give(ANA, 10)
    open_market()
    assert asyncio.run(_read_for_all_rooms()) <= board_reads.AT_ONCE_MAX + 1


async def _ask_for_all_rooms() -> list[Any]:
    reads = [board_reads.read(CLUB, [MARKET], [ANA]) for _ in range(ROOMS)]
    return await asyncio.gather(*reads, return_exceptions=True)


def test_no_room_waits_for_all_others_while_the_bank_hangs() -> None:
    [info] = bank.each_primary("INFO", "server")
    os.kill(info["process_id"], signal.SIGSTOP)
    began_s = time.monotonic()
    try:
        told = asyncio.run(_ask_for_all_rooms())
        took_s = time.monotonic() - began_s
    finally:
        os.kill(info["process_id"], signal.SIGCONT)
    assert all(isinstance(each, bank.BankAway) for each in told)
    assert took_s < ALL_TOLD_S
