"""History by UTC day: partitions made ahead and dropped whole on MariaDB and MySQL.

SQLite has no partitions; there old rows are deleted in small pieces. Changing partitions waits a
second at most for readers, because other statements queue behind a change that waits; one that
does not get its lock is tried again at the next step.
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError

from locations.models import LocationFix
from web.rows import clocks
from web.rows.lock_patience import is_lock, short_waits
from web.times import DAY_MS

DAYS_AHEAD = 3
ROWS_PER_DELETE = 500
TABLE = LocationFix._meta.db_table
LAST = "pmax"


def keep() -> list[str]:
    """Make the partitions of the coming days, take back those beyond, drop those past retention.

    What is dropped goes by the earliest of all clocks, and partitions are made only while all of
    them agree. Returns the names of those made (+) and dropped (-), and how many rows were deleted.
    Safe to repeat and to run in several processes. Raises LiveAway, BankAway.
    """
    clock = clocks.read()
    oldest_day = clock.earliest_ms // DAY_MS - settings.LOCATION_RETENTION_DAYS
    if connection.vendor != "mysql":
        return _rows(_delete_before(oldest_day * DAY_MS))
    # The first partition takes everything before its day; where days are missing that is more.
    is_wide = min(_days(), default=oldest_day + 1) > oldest_day
    try:
        done = _lay(oldest_day, clock.earliest_ms // DAY_MS) if clock.do_agree else []
        done += _drop(oldest_day)
        return done + (_rows(_delete_before(oldest_day * DAY_MS)) if is_wide else [])
    except OperationalError as error:
        # A reader takes long, or another process was first: the next step tries again.
        if not is_lock(error) and error.args[0] not in (1507, 1508, 1517):
            raise
        return []


def present() -> list[str]:
    """The partitions of history, oldest first; none on SQLite."""
    if connection.vendor != "mysql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT PARTITION_NAME FROM information_schema.PARTITIONS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s AND PARTITION_NAME IS NOT NULL"
            " ORDER BY PARTITION_ORDINAL_POSITION",
            [TABLE],
        )
        return [name for (name,) in cursor.fetchall()]


def whole_before(fix_ms: int) -> list[int]:
    """The days of the partitions whose fixes all lie before a time, oldest first."""
    return [day for day in _days() if (day + 1) * DAY_MS <= fix_ms]


def drop_counted(days: list[int], count: int) -> bool:
    """Drop the partitions of these days while they hold exactly so many fixes.

    Returns False, and changes nothing, when the number differs or one of them was dropped
    meanwhile; they are locked while they are counted. It commits by itself. Raises
    OperationalError when the lock does not come within the connection's lock_wait_timeout.
    """
    names = ", ".join(name(day) for day in days)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLES {TABLE} WRITE")
        try:
            if not set(days) <= set(_days()):
                return False
            cursor.execute(f"SELECT COUNT(*) FROM {TABLE} PARTITION ({names})")
            if cursor.fetchone()[0] != count:
                return False
            cursor.execute(f"ALTER TABLE {TABLE} DROP PARTITION {names}")
            return True
        finally:
            cursor.execute("UNLOCK TABLES")


def definitions(days: Iterable[int]) -> str:
    """SQL for the partitions of these days (counted from 1970) and for everything later."""
    parts = [f"PARTITION {name(day)} VALUES LESS THAN ({(day + 1) * DAY_MS})" for day in days]
    return ", ".join([*parts, f"PARTITION {LAST} VALUES LESS THAN MAXVALUE"])


def name(day: int) -> str:
    return f"p{day}"


def day_of(partition: str) -> int | None:
    found = re.fullmatch(r"p(\d+)", partition)
    return int(found[1]) if found else None


def _days() -> list[int]:
    return [day for partition in present() if (day := day_of(partition)) is not None]


def _rows(gone: int) -> list[str]:
    return [f"-{gone} rows"] if gone else []


def _lay(oldest_day: int, today: int) -> list[str]:
    """One partition for each day up to three ahead and none beyond; rows go where they belong."""
    days, last_day = _days(), today + DAYS_AHEAD
    beyond = [day for day in days if day > last_day]
    newest = max((day for day in days if day <= last_day), default=oldest_day - 1)
    missing = range(newest + 1, last_day + 1)
    if beyond or missing:
        names = ", ".join([*map(name, beyond), LAST])
        _alter(f"REORGANIZE PARTITION {names} INTO ({definitions(missing)})")
    return [f"+{name(day)}" for day in missing] + [f"-{name(day)}" for day in beyond]


def _drop(oldest_day: int) -> list[str]:
    past = [name(day) for day in _days() if day < oldest_day]
    if past:
        _alter(f"DROP PARTITION {', '.join(past)}")
    return [f"-{each}" for each in past]


def _alter(change: str) -> None:
    with short_waits(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} {change}")


def _delete_before(fix_ms: int) -> int:
    gone = 0
    while keys := list(
        LocationFix.objects.filter(fix_ms__lt=fix_ms).values_list("user_id", "fix_ms")[
            :ROWS_PER_DELETE
        ]
    ):
        values = "" if connection.vendor == "mysql" else "VALUES "
        with connection.cursor() as cursor:
            pairs = ", ".join(["(%s, %s)"] * len(keys))
            figures = [figure for key in keys for figure in key]
            cursor.execute(
                f"DELETE FROM {TABLE} WHERE (user_id, fix_ms) IN ({values}{pairs})", figures
            )
        gone += len(keys)
    return gone
