"""Which location sockets are open in this process, so that the right ones can be closed.

A user has one bucket for all sockets here and at most five of them. Once a second, while there
are any, SQL is asked whose sign-in has ended; those close within two seconds, also with live away.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError

from accounts.auth import revocation
from locations.live import now_ms
from rooms.threads import read_sql
from web.close_codes import Close
from web.limits import LIMITS, SOCKETS_PER_USER_AND_ROOM_MAX, Bucket
from web.refusals import Refused

WATCH_EVERY_S = 1.0
LOOK_BACK_MS = 10_000

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Seat:
    """One open socket: whose it is and how to close it."""

    user_id: int
    sign_in_id: str
    close: Callable[[int, str], Awaitable[None]]
    bucket: Bucket = field(init=False)


class Attendance:
    """The open sockets of one running loop."""

    def __init__(self) -> None:
        self._seats: dict[int, list[Seat]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Future[Any]] = set()

    async def join(self, seat: Seat) -> None:
        """Note a socket; the oldest of six goes."""
        seats = self._seats.setdefault(seat.user_id, [])
        (rate,) = LIMITS["fixes"]
        seat.bucket = seats[0].bucket if seats else Bucket(rate)
        seats.append(seat)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._keep_watch())
        if len(seats) > SOCKETS_PER_USER_AND_ROOM_MAX:
            await seats.pop(0).close(Close.REPLACED, "")

    def part(self, seat: Seat) -> None:
        """Forget a socket."""
        seats = self._seats.get(seat.user_id, [])
        if seat in seats:
            seats.remove(seat)
        if not seats:
            self._seats.pop(seat.user_id, None)

    async def _keep_watch(self) -> None:
        looked_at_ms = now_ms()
        while self._seats:
            await asyncio.sleep(WATCH_EVERY_S)
            looking_at_ms, since_ms = now_ms(), looked_at_ms - LOOK_BACK_MS
            try:
                self._close(await read_sql(revocation.ended_since, since_ms))
                looked_at_ms = looking_at_ms
            except (DatabaseError, InterfaceError, Refused) as error:
                # SQL that is away for a moment must not end the watch.
                log.warning("Ended sign-ins could not be read (%s).", type(error).__name__)
            except Exception:
                # Nor must anything else: whoever signed out would stay.
                log.exception("The watch over location sockets stumbled.")

    def _close(self, ended: revocation.Ended) -> None:
        everyone = [seat for seats in self._seats.values() for seat in seats]
        over = [s for s in everyone if s.sign_in_id in ended.sign_ins or s.user_id in ended.users]
        # Not waited for: somebody who reads nothing would hold up the end of all others.
        closes = (seat.close(Close.SIGN_IN, "revoked") for seat in over)
        closing = asyncio.gather(*closes, return_exceptions=True)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Attendance] = WeakKeyDictionary()


def attendance() -> Attendance:
    """The open sockets of the running loop."""
    return _by_loop.setdefault(asyncio.get_running_loop(), Attendance())
