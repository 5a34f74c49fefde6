"""Positions in SQL: the only module that writes UserLocation and LocationFix.

Every statement is safe to repeat and may run in several processes: an older fix never overwrites
a newer one, and rows are written in the order of their key, so that writers do not deadlock.
"""

from collections.abc import Callable, Iterable, Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Q
from django.db.utils import OperationalError

from locations.fixes.fix import Fix, Flag
from locations.fixes.plausibility import EARLY_MS
from locations.models import LocationFix, UserLocation
from web.rows.chunks import chunks
from web.times import DAY_MS, HOUR_MS

ROWS_PER_STATEMENT = 500
ATTEMPTS = 3
# MariaDB and MySQL: a deadlock, a lock that did not come in time.
_AGAIN = (1213, 1205)

_POSITION = "locations_userlocation"
_POSITION_COLUMNS = (
    "user_id", "received_ms", "lat_e7", "lon_e7", "accuracy_dm", "speed_cms", "course_cd",
    "altitude_m", "battery_pct", "source", "flags", "fixes", "fix_ms",
)  # fmt: skip
_HISTORY = "locations_locationfix"
_HISTORY_COLUMNS = (
    "user_id", "fix_ms", "lat_e7", "lon_e7", "accuracy_dm", "speed_cms", "course_cd",
    "altitude_m", "source", "flags", "lag_ms",
)  # fmt: skip
_LAG_MAX_MS = 2**31 - 1


def write(entries: Iterable[tuple[int, Fix]]) -> None:
    """Write fixes of many users: each user's newest believed one, and all of them to history.

    One transaction; repeated as a whole after a deadlock. Repeating it changes nothing.
    """
    positions: dict[int, tuple[Fix, int]] = {}
    history: dict[tuple[int, int], Fix] = {}
    for user_id, fix in entries:
        key = (user_id, fix.fix_ms)
        before = history.get(key)
        history[key] = _without_hold(before, fix) if before else fix
        if not fix.flags & Flag.HELD:
            newest, count = positions.get(user_id, (fix, 0))
            newest = fix if fix.fix_ms >= newest.fix_ms else newest
            positions[user_id] = (newest, count + 1)
    position_rows = [_position_row(user_id, *positions[user_id]) for user_id in sorted(positions)]
    history_rows = [_history_row(key[0], history[key]) for key in sorted(history)]
    _repeat(lambda: _write(position_rows, history_rows))


def erase(user_id: int, until_ms: int) -> int:
    """Delete what was received of a user until a time; returns how many past fixes that were.

    Of past fixes without lag those dated up to five seconds later go too, and what a wrong clock
    stamped an hour and more ahead. The bytes stay in the pages of the files until the engine
    writes over them.
    """
    ahead_ms = until_ms + HOUR_MS
    with transaction.atomic():
        received = Q(received_ms__lte=until_ms) | Q(received_ms__gt=ahead_ms)
        UserLocation.objects.filter(received, pk=user_id).delete()
        came = Q(fix_ms__lte=until_ms - F("lag_ms")) | Q(fix_ms__gt=ahead_ms)
        # A fix ahead of our clock has no lag: it may have come until EARLY_MS before its time.
        came |= Q(lag_ms=0, fix_ms__lte=until_ms + EARLY_MS)
        return LocationFix.objects.filter(came, user_id=user_id).delete()[0]


def older(before_ms: int, after_id: int) -> list[int]:
    """The next users by number whose newest position is of before a time; 500 at most."""
    found = UserLocation.objects.filter(fix_ms__lt=before_ms, pk__gt=after_id).order_by("pk")
    return list(found.values_list("pk", flat=True)[:ROWS_PER_STATEMENT])


def forget_older(user_ids: Sequence[int], before_ms: int) -> int:
    """Delete these users' newest positions that are still of before a time; returns how many."""
    return UserLocation.objects.filter(pk__in=user_ids, fix_ms__lt=before_ms).delete()[0]


def forget_ahead(after_ms: int) -> int:
    """Delete newest positions stamped after a time, and history two days on; returns how many.

    Nearer history goes by itself: its days end soon.
    """
    LocationFix.objects.filter(fix_ms__gte=after_ms + 2 * DAY_MS).delete()
    return UserLocation.objects.filter(fix_ms__gt=after_ms).delete()[0]


def _without_hold(before: Fix, after: Fix) -> Fix:
    """Keep the confirmed one of two copies of a fix, in whatever order they come."""
    return before if after.flags & Flag.HELD else after


def _position_row(user_id: int, fix: Fix, count: int) -> tuple[int, ...]:
    return (
        user_id, fix.received_ms, fix.lat_e7, fix.lon_e7, fix.accuracy_dm, fix.speed_cms,
        fix.course_cd, fix.altitude_m, fix.battery_pct, fix.source, fix.flags, count, fix.fix_ms,
    )  # fmt: skip


def _history_row(user_id: int, fix: Fix) -> tuple[int, ...]:
    lag_ms = min(max(0, fix.received_ms - fix.fix_ms), _LAG_MAX_MS)
    return (
        user_id, fix.fix_ms, fix.lat_e7, fix.lon_e7, fix.accuracy_dm, fix.speed_cms,
        fix.course_cd, fix.altitude_m, fix.source, fix.flags, lag_ms,
    )  # fmt: skip


def _write(
    position_rows: Sequence[tuple[int, ...]], history_rows: Sequence[tuple[int, ...]]
) -> None:
    is_sqlite = connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        _insert(cursor, _POSITION, _POSITION_COLUMNS, position_rows, _newer_wins(is_sqlite))
        _insert(cursor, _HISTORY, _HISTORY_COLUMNS, history_rows, _hold_ends(is_sqlite))


def _newer_wins(is_sqlite: bool) -> str:
    """The tail of the upsert of positions: nothing changes unless the fix is newer."""
    moving = [name for name in _POSITION_COLUMNS if name not in ("user_id", "fix_ms", "fixes")]
    if is_sqlite:
        sets = [f"{name} = excluded.{name}" for name in (*moving, "fix_ms")]
        sets.append(f"fixes = {_POSITION}.fixes + excluded.fixes")
        newer = f"excluded.fix_ms > {_POSITION}.fix_ms"
        return f"ON CONFLICT (user_id) DO UPDATE SET {', '.join(sets)} WHERE {newer}"
    newer = "VALUES(fix_ms) > fix_ms"
    sets = [f"{name} = IF({newer}, VALUES({name}), {name})" for name in moving]
    sets.append(f"fixes = IF({newer}, fixes + VALUES(fixes), fixes)")
    # The guard comes last: assignments run from left to right and see what was assigned before.
    sets.append("fix_ms = GREATEST(fix_ms, VALUES(fix_ms))")
    return f"ON DUPLICATE KEY UPDATE {', '.join(sets)}"


def _hold_ends(is_sqlite: bool) -> str:
    """The tail of the upsert of history: a flag that is gone in one copy is gone for good."""
    if is_sqlite:
        return "ON CONFLICT (user_id, fix_ms) DO UPDATE SET flags = flags & excluded.flags"
    return "ON DUPLICATE KEY UPDATE flags = flags & VALUES(flags)"


def _insert(
    cursor: CursorWrapper,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int, ...]],
    tail: str,
) -> None:
    # Whole numbers only, printed as such: nothing else gets past %d, and it is several times
    # faster than handing thousands of figures to the driver.
    one = f"({','.join(['%d'] * len(columns))})"
    for some in chunks(rows, ROWS_PER_STATEMENT):
        values = ",".join([one % row for row in some])
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} {tail}")


def _repeat(act: Callable[[], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return act()
        except OperationalError as error:
            if attempt == ATTEMPTS or error.args[:1] not in [(number,) for number in _AGAIN]:
                raise
