"""Bets on one market that wait at the same moment become one call to the bank.

Natural batching: nothing waits for a timer. While a call is under way the next bets gather; a
second call starts only when a full one waits already.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from betting.bank import metrics
from betting.bank.calls import BETS_PER_CALL_MAX, Call, place_bets
from betting.bank.values import Accepted, Batch, Bet, Denied, MarketState
from web.refusals import Refused

WAITING_MAX = 1000
CALLS_MAX = 2

Answer = tuple[Accepted | Denied, MarketState | None]
Ask = Callable[[Call[Batch]], Awaitable[Batch]]
# Called once for each call: club, room, the market after it, and of each bet that it took the
# user with epoch and seq of its entry.
Listener = Callable[[int, int, MarketState, list[tuple[int, tuple[int, int]]]], None]


class Batchers:
    """One batcher for each market that is bet on, in each event loop."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.on_batch: list[Listener] = []
        self._by_loop: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[int, int, int], _Batcher]
        ]
        self._by_loop = WeakKeyDictionary()

    async def place(self, club_id: int, room_id: int, market_id: int, bet: Bet) -> Answer:
        """Have a bet decided; returns its answer, and the market as it stood after the same call.

        Raises Refused: busy, when 1,000 wait already; and BankAway or BankFull, as the call did. A
        caller that gives up does not take the bet back.
        """
        batchers = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        key = (club_id, room_id, market_id)
        batcher = batchers.get(key)
        if batcher is None:
            batcher = batchers[key] = _Batcher(self, key, forget=lambda: batchers.pop(key, None))
        return await batcher.place(bet)


class _Batcher:
    def __init__(
        self, batchers: Batchers, key: tuple[int, int, int], forget: Callable[[], object]
    ) -> None:
        self._batchers = batchers
        self._key = key
        self._forget = forget
        self._waiting: deque[tuple[Bet, asyncio.Future[Answer]]] = deque()
        # Tasks are kept here, or the loop might drop them half way.
        self._calls: set[asyncio.Task[None]] = set()

    async def place(self, bet: Bet) -> Answer:
        if len(self._waiting) >= WAITING_MAX:
            raise Refused("busy")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((bet, answer))
        self._start_what_may()
        return await answer

    def _start_what_may(self) -> None:
        while self._waiting and len(self._calls) < CALLS_MAX:
            if self._calls and len(self._waiting) < BETS_PER_CALL_MAX:
                return
            size = min(len(self._waiting), BETS_PER_CALL_MAX)
            batch = [self._waiting.popleft() for _ in range(size)]
            call = asyncio.get_running_loop().create_task(self._decide(batch))
            self._calls.add(call)
            call.add_done_callback(self._end)

    def _end(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._start_what_may()
        if not self._calls:
            self._forget()

    async def _decide(self, batch: list[tuple[Bet, asyncio.Future[Answer]]]) -> None:
        bets = [bet for bet, _ in batch]
        began_s = time.perf_counter()
        try:
            reply = await self._batchers.ask(place_bets(*self._key, bets))
        except BaseException as error:
            # The others that wait would only fail one time-out after the other.
            self._fail([*batch, *self._waiting], error)
            self._waiting.clear()
            if not isinstance(error, Exception):
                raise
            return
        finally:
            metrics.calls.observe(time.perf_counter() - began_s)
        for (_, future), answer in zip(batch, reply.answers, strict=True):
            if not future.done():
                future.set_result((answer, reply.state))
        self._tell(bets, reply)

    def _fail(
        self, waiting: list[tuple[Bet, asyncio.Future[Answer]]], error: BaseException
    ) -> None:
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)

    def _tell(self, bets: list[Bet], reply: Batch) -> None:
        if reply.state is None:
            return
        takers = [
            (bet.user_id, (answer.epoch, answer.seq))
            for bet, answer in zip(bets, reply.answers, strict=True)
            if isinstance(answer, Accepted) and not answer.is_repeat
        ]
        club_id, room_id, _ = self._key
        for listener in self._batchers.on_batch:
            listener(club_id, room_id, reply.state, takers)
