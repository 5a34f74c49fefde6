"""Reads of the bank for what rooms are shown: few at once, so that no bet waits behind them.

All calls of an event loop to a primary share its connection, and are answered in their order.
"""

import asyncio
from asyncio import AbstractEventLoop, Semaphore
from collections import defaultdict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from betting import bank
from betting.bank.values import Snapshot

AT_ONCE_MAX = 4
# As long as the bank itself may take: behind one that hangs, nobody waits for all before them.
TURN_TIMEOUT_S = 1.0

# By the name of the primary.
_turns: WeakKeyDictionary[AbstractEventLoop, defaultdict[str, Semaphore]] = WeakKeyDictionary()


async def read(club_id: int, market_ids: Sequence[int], user_ids: Sequence[int]) -> Snapshot:
    """Markets and people of a club, as `bank.read`. Raises BankAway or BankFull."""
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, defaultdict(lambda: Semaphore(AT_ONCE_MAX)))
    turn = turns[bank.known_primary_of(club_id)]
    try:
        async with asyncio.timeout(TURN_TIMEOUT_S):
            await turn.acquire()
    except TimeoutError as error:
        raise bank.BankAway("the reads before did not end in time") from error
    try:
        return await bank.arun(bank.read(club_id, market_ids, user_ids))
    finally:
        turn.release()
