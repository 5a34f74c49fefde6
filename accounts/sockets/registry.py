"""The sockets that are open in this process, and the end of those that may no longer be.

Once a second SQL is asked which sign-ins ended and which users were banned; their sockets close
within two seconds, also with the live instance away. Apps above read in the same round what else
ends a socket or changes for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextvars import Context
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from accounts.auth import revocation
from accounts.handshake.middleware import Visitor
from accounts.sockets.background import forever, heard
from web.close_codes import Close
from web.limits import SOCKETS_PER_USER_AND_ROOM_MAX
from web.threads import read_sql
from web.times import now_ms

CHECK_EVERY_S = 1.0
CHECKS_APART_S = 0.1
# A change is stamped shortly before its transaction is seen; acting twice does no harm.
LOOK_BACK_MS = 10_000
BLOCKED_S = 10.0

Check = Callable[[int], Awaitable[None]]


class Registered(Protocol):
    """An open socket, as the registry sees it."""

    visitor: Visitor

    @property
    def place(self) -> Hashable:
        """What the socket is open to: a user has at most five to each place."""

    @property
    def blocked_since_s(self) -> float | None:
        """The loop's time when its reader stopped reading; None while it reads."""

    def shut(self, code: Close, reason: str) -> None:
        """Close without waiting."""


S = TypeVar("S", bound=Registered)


class Registry:
    """The open sockets of one event loop, by user."""

    def __init__(self) -> None:
        # Each asks what has changed since a time, and acts on it.
        self.checks: list[Check] = [self._revoke]
        self._by_user: dict[int, list[Registered]] = {}
        self._is_asked = asyncio.Event()
        self._checked_at_ms = now_ms()
        # What they log is of no request, also not of the one that made the registry.
        self._tasks = [
            asyncio.create_task(forever(step), context=Context())
            for step in (self._check, self._sweep)
        ]

    def stop(self) -> None:
        """End the background work; the registry is of no use afterwards."""
        for task in self._tasks:
            task.cancel()

    def __iter__(self) -> Iterator[Registered]:
        return iter([socket for own in self._by_user.values() for socket in own])

    def join(self, socket: Registered) -> None:
        """Register a socket; the user's oldest of six in its place is replaced."""
        self._by_user.setdefault(socket.visitor.user_id, []).append(socket)
        others = self.others(socket)
        if len(others) >= SOCKETS_PER_USER_AND_ROOM_MAX:
            others[0].shut(Close.REPLACED, "replaced")

    def part(self, socket: Registered) -> bool:
        """Forget a socket; False when it was forgotten before."""
        own = self._by_user.get(socket.visitor.user_id, [])
        if socket not in own:
            return False
        own.remove(socket)
        if not own:
            del self._by_user[socket.visitor.user_id]
        return True

    def others(self, socket: S) -> list[S]:
        """The other sockets of the same user in the same place, the oldest first."""
        own = self._by_user.get(socket.visitor.user_id, [])
        return [
            other
            for other in own
            if isinstance(other, type(socket)) and other.place == socket.place
            if other is not socket
        ]

    # --- Who may still be here

    def recheck(self) -> None:
        """Ask what has changed now, and not within a second."""
        self._is_asked.set()

    async def _check(self) -> None:
        await asyncio.sleep(CHECKS_APART_S)
        await heard(self._is_asked, CHECK_EVERY_S - CHECKS_APART_S)
        checking_at_ms, since_ms = now_ms(), self._checked_at_ms - LOOK_BACK_MS
        if self._by_user:
            for check in self.checks:
                await check(since_ms)
        self._checked_at_ms = checking_at_ms

    async def _revoke(self, since_ms: int) -> None:
        self.revoke(await read_sql(revocation.ended_since, since_ms))

    def revoke(self, ended: revocation.Ended) -> None:
        """Close the sockets of sign-ins that ended and of banned users."""
        for socket in self:
            visitor = socket.visitor
            if visitor.sign_in_id in ended.sign_ins or visitor.user_id in ended.users:
                socket.shut(Close.SIGN_IN, "revoked")

    async def _sweep(self) -> None:
        await asyncio.sleep(1)
        too_old_s = asyncio.get_running_loop().time() - BLOCKED_S
        for socket in self:
            if socket.blocked_since_s is not None and socket.blocked_since_s < too_old_s:
                socket.shut(Close.TOO_SLOW, "too slow")


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Registry] = WeakKeyDictionary()


def registry() -> Registry:
    """The registry of the running loop; the first call makes it."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = Registry()
    return _by_loop[loop]
