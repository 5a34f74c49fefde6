"""The time by several clocks, for steps that remove or make things by age.

A machine whose clock is wrong for a moment would drop history, guests and sign-ins that nobody
can bring back. So such steps ask the clock of the database and those of both Redis too.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from web import times
from web.live import live_redis

AGREE_WITHIN_MS = times.HOUR_MS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readings:
    """What all clocks say, in Unix milliseconds."""

    all_ms: tuple[int, ...]

    @property
    def earliest_ms(self) -> int:
        """The time by which things may be removed: no clock that is ahead counts."""
        return min(self.all_ms)

    @property
    def do_agree(self) -> bool:
        return max(self.all_ms) - min(self.all_ms) <= AGREE_WITHIN_MS


def _database_ms() -> list[int]:
    now = "strftime('%s', 'now')" if connection.vendor == "sqlite" else "UNIX_TIMESTAMP()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {now}")
        return [1000 * int(cursor.fetchone()[0])]


def _live_ms() -> list[int]:
    [(seconds, _micros)] = live_redis.ask([("TIME",)])
    return [1000 * int(seconds)]


def database_ms() -> int:
    """What the clock of the database says, to the millisecond: one time for all machines."""
    now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    if connection.vendor == "mysql":
        now = "CAST(1000 * UNIX_TIMESTAMP(NOW(3)) AS SIGNED)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {now}")
        return int(cursor.fetchone()[0])


# Apps add the clocks of their engines.
others: list[Callable[[], list[int]]] = [_database_ms, _live_ms]


def read() -> Readings:
    """Read all clocks, from a thread. Raises what an engine raises that does not answer."""
    found = Readings((times.now_ms(), *(ms for other in others for ms in other())))
    if not found.do_agree:
        apart_s = (max(found.all_ms) - min(found.all_ms)) // 1000
        log.error(
            "The clocks of the machines are %d s apart; what is removed goes by the earliest.",
            apart_s,
        )
    return found
