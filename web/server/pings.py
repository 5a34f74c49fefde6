"""The server's pings: one timer for all sockets of an event loop, a part of them at each beat."""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

PARTS = 20


class Pinged(Protocol):
    """A socket whose peer is asked now and then whether it is still there."""

    def ping(self) -> None:
        """Ask the peer; end the connection where the last question was not answered."""


class Pings:
    """Sockets in twenty parts; each part has its beat once in a period."""

    def __init__(self, period_s: float) -> None:
        self._parts: list[set[Pinged]] = [set() for _ in range(PARTS)]
        self._now = 0
        self._beat_s = period_s / PARTS
        self._loop = asyncio.get_running_loop()
        self._loop.call_later(self._beat_s, self._beat)

    def add(self, socket: Pinged) -> set[Pinged]:
        """Ping a socket once in a period, for the first time when one is over.

        Returns its part, which it leaves in order to be pinged no more.
        """
        part = self._parts[self._now]
        part.add(socket)
        return part

    def _beat(self) -> None:
        self._loop.call_later(self._beat_s, self._beat)
        self._now = (self._now + 1) % PARTS
        for socket in tuple(self._parts[self._now]):
            socket.ping()


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Pings] = WeakKeyDictionary()


def pings(period_s: float) -> Pings:
    """The pings of the running loop; the first call says how often a socket is pinged."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = Pings(period_s)
    return _by_loop[loop]
