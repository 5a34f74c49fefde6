"""Admission: handshakes are let in first come, first served, as fast as the loop bears.

After a restart everybody comes at once. How many are let in at a time falls while the loop is
late, so that those who are in already are served meanwhile; nobody is refused for the others.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable
from weakref import WeakKeyDictionary

from web.asgi_types import Event, Send

BEAT_S = 0.01
LATE_S = 0.005
AT_A_TIME_MAX = 16
# So many may be let in and not answered yet, whatever they wait for.
INSIDE_MAX = 32


class Admission:
    """The handshakes of one event loop that wait, and how many are inside."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._inside = 0
        self._at_a_time = AT_A_TIME_MAX
        self._beating: asyncio.Task[None] | None = None

    async def enter(self) -> None:
        """Wait to be let in; a handshake that was must `leave` once, not one that was cancelled."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())
        try:
            await turn
        except asyncio.CancelledError:
            # It was let in and cancelled in the same turn of the loop: nobody else gives the place
            # back.
            if not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Make room for the next: the handshake was answered."""
        self._inside -= 1

    async def _beat(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            for _ in range(self._at_a_time):
                self._let_one_in()
            began_s = clock()
            await asyncio.sleep(BEAT_S)
            is_late = clock() - began_s > BEAT_S + LATE_S
            self._at_a_time = (
                max(1, self._at_a_time // 2) if is_late else min(AT_A_TIME_MAX, self._at_a_time + 1)
            )

    def _let_one_in(self) -> None:
        while self._waiting and self._inside < INSIDE_MAX:
            turn = self._waiting.popleft()
            # One that gave up meanwhile takes no place.
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
                return


class Place:
    """The place of one handshake behind the door."""

    def __init__(self) -> None:
        self._admission = _by_loop.setdefault(asyncio.get_running_loop(), Admission())
        self._is_inside = False

    async def take(self) -> None:
        """Wait to be let in."""
        await self._admission.enter()
        self._is_inside = True

    def leave(self) -> None:
        """Make room for the next; again does nothing."""
        if self._is_inside:
            self._is_inside = False
            self._admission.leave()

    def until_answered(self, send: Send) -> Send:
        """What sends, and leaves the place with the answer to the handshake."""

        def answer(message: Event) -> Awaitable[None]:
            self.leave()
            return send(message)

        return answer


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Admission] = WeakKeyDictionary()
