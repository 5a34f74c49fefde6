"""The handshakes of one subject take turns: a client that comes back too fast waits.

A subject is a user, or the address of a stranger. Each process keeps its own turns. A handshake
that waits costs a timer and nothing else, while a refused one would be followed by the next at
once.
"""

import asyncio
from collections import Counter, OrderedDict
from weakref import WeakKeyDictionary

from web import limits

# After a socket was closed for flooding; our own page waits as long by itself.
HOLD_S = 5.0
WAITING_MAX = 5
_KEPT_MAX = 20_000


class TooMany(Exception):
    """So many handshakes of this subject wait already that this one is refused."""


class Turns:
    """The subjects lately seen by one event loop, the oldest forgotten first."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, limits.Bucket] = OrderedDict()
        self._held_until_s: OrderedDict[str, float] = OrderedDict()
        self._waiting: Counter[str] = Counter()

    def hold(self, subject: str) -> None:
        """Let no handshake of this subject on for five seconds."""
        self._held_until_s[subject] = asyncio.get_running_loop().time() + HOLD_S
        self._held_until_s.move_to_end(subject)
        if len(self._held_until_s) > _KEPT_MAX:
            self._held_until_s.popitem(last=False)

    async def wait(self, subject: str, limit: str) -> None:
        """Wait until it is this handshake's turn under a limit. Raises TooMany."""
        if not (wait_s := self._wait_s(subject, limit)):
            return
        if self._waiting[subject] >= WAITING_MAX:
            raise TooMany
        self._waiting[subject] += 1
        try:
            while wait_s:
                await asyncio.sleep(wait_s)
                wait_s = self._wait_s(subject, limit)
        finally:
            self._waiting[subject] -= 1
            if not self._waiting[subject]:
                del self._waiting[subject]

    def _wait_s(self, subject: str, limit: str) -> float:
        held_s = self._held_until_s.get(subject, 0.0) - asyncio.get_running_loop().time()
        if held_s > 0:
            return held_s
        self._held_until_s.pop(subject, None)
        bucket = self._buckets.setdefault(subject, limits.bucket(limit))
        self._buckets.move_to_end(subject)
        if len(self._buckets) > _KEPT_MAX:
            self._buckets.popitem(last=False)
        return bucket.take() or 0.0


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def turns() -> Turns:
    """The turns of the running loop."""
    return _by_loop.setdefault(asyncio.get_running_loop(), Turns())


def user(user_id: int) -> str:
    """The name of a user as a subject."""
    return f"user:{user_id}"
