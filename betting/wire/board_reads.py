"""Reads of the bank for what rooms are shown: few at once, so that no bet waits behind them.

All calls of an event loop to a primary share its connections; these never take more than a few.
"""

import asyncio
from asyncio import AbstractEventLoop, Semaphore
from collections import defaultdict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from betting import bank
from betting.bank.values import Snapshot

AT_ONCE_MAX = 4

# By the name of the primary.
_turns: WeakKeyDictionary[AbstractEventLoop, defaultdict[str, Semaphore]] = WeakKeyDictionary()


async def read(club_id: int, market_ids: Sequence[int], user_ids: Sequence[int]) -> Snapshot:
    """Markets and people of a club, as `bank.read`. Raises BankAway or BankFull."""
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, defaultdict(lambda: Semaphore(AT_ONCE_MAX)))
    async with turns[bank.known_primary_of(club_id)]:
        return await bank.arun(bank.read(club_id, market_ids, user_ids))
