"""Rows that could not be taken: kept apart in the live instance with a word for the operator.

They are kept for a week, a thousand at most, and can be put back where they came from once the
reason is gone.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from web.live.live_redis import LiveAway, ask
from web.rows.chunks import chunks
from web.times import DAY_MS, now_ms

KEY = "house:aside"
ROWS_MAX = 1_000
KEPT_MS = 7 * DAY_MS
_OURS = (b"what", b"why", b"user", b"queue")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Aside:
    """One row: what it is, why it was not taken, whose it is (0: nobody's) and when."""

    entry: bytes
    what: str
    why: str
    user_id: int
    at_ms: int


def put(
    what: str,
    error: Exception,
    *,
    user_id: int = 0,
    queue: str = "",
    fields: Mapping[Any, Any] | None = None,
) -> None:
    """Set a row aside; `fields` are those of its entry in the stream `queue`.

    The log gets a line without what is in the row.
    """
    why = " ".join(
        [type(error).__name__, *(str(code) for code in error.args[:1] if _is_code(code))]
    )
    log.error("A row was set aside (%s of user %d): %s.", what, user_id, why)
    pairs = [part for pair in (fields or {}).items() for part in pair]
    ours = ("what", what, "why", why, "user", user_id, "queue", queue)
    with suppress(LiveAway):
        ask(
            [
                ("XADD", KEY, "MAXLEN", "~", ROWS_MAX, "*", *ours, *pairs),
                ("XTRIM", KEY, "MINID", now_ms() - KEPT_MS),
            ]
        )


def _is_code(code: object) -> bool:
    """Only the number of an error is told: its text may hold what is in the row."""
    return isinstance(code, int)


def rows() -> list[Aside]:
    """All rows that are set aside, oldest first. Raises LiveAway."""
    return [
        Aside(
            entry=entry,
            what=fields[b"what"].decode(),
            why=fields[b"why"].decode(),
            user_id=int(fields[b"user"]),
            at_ms=int(entry.partition(b"-")[0]),
        )
        for entry, fields in _entries()
    ]


def put_back() -> int:
    """Put rows back at the end of their streams; returns how many. Raises LiveAway."""
    count = 0
    for entry, fields in _entries():
        if queue := fields[b"queue"]:
            own = [part for pair in fields.items() if pair[0] not in _OURS for part in pair]
            ask([("XADD", queue, "*", *own), ("XDEL", KEY, entry)], atomic=True)
            count += 1
    return count


def forget(user_id: int, what: str = "") -> None:
    """Forget the rows of a user, all or those of one kind. Raises LiveAway."""
    mine = [row.entry for row in rows() if row.user_id == user_id and what in ("", row.what)]
    for some in chunks(mine, ROWS_MAX):
        ask([("XDEL", KEY, *some)])


def _entries() -> list[tuple[bytes, dict[bytes, bytes]]]:
    [found] = ask([("XRANGE", KEY, "-", "+")], raw=True)
    return [(entry, dict(fields)) for entry, fields in found]
