"""The client for positions in the live Redis, the only module of locations that asks it anything.

functions.py builds the calls. Everything may be lost: it comes back with the next fix of each
phone.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings

from locations.fixes.fix import Fix
from locations.fixes.plausibility import LIVE_FOR_MS, Area, State
from locations.live import functions
from locations.live.functions import (
    COUNTS,
    ERASED,
    GEO,
    NEAR_MAX,
    NOTHING,
    QUEUE,
    SEEN,
    Call,
    Known,
    Nearby,
    cell_key,
    count,
    missed_key,
    pack_fix,
    read_fix,
    state_key,
    unpack,
)
from web.live.live_redis import Command, LiveAway, LiveFull, aask, afcall, ask, fcall
from web.refusals import Refused
from web.rows import set_aside
from web.rows.chunks import chunks
from web.times import DAY_MS, HOUR_MS, now_ms

LIBRARY = Path(__file__).with_name("locations.lua")
STATES_KNOWN_MAX = 20_000
REAP_MOST = 500
MISSED_FOR_MS = 7 * 86_400_000
# What a fix is called that is set aside.
POSITION = "position"
# Far longer than a flush takes.
ERASED_FOR_MS = HOUR_MS

T = TypeVar("T")


# --- Running calls


def run(call: Call[T]) -> T:
    """Make a call from a thread. Raises Refused: unavailable, busy."""
    with _away_is_refused():
        return call.read(fcall(LIBRARY, call.function, call.keys, call.args))


async def arun(call: Call[T]) -> T:
    """Make a call from the running event loop; as `run`."""
    with _away_is_refused():
        return call.read(await afcall(LIBRARY, call.function, call.keys, call.args))


def _ask(*commands: Command, atomic: bool = False) -> list[Any]:
    with _away_is_refused():
        return ask(commands, raw=True, atomic=atomic)


@contextmanager
def _away_is_refused() -> Iterator[None]:
    """Turn an instance that is away or full into Refused: unavailable, busy."""
    try:
        yield
    except LiveAway as error:
        code = "busy" if isinstance(error, LiveFull) else "unavailable"
        raise Refused(code, retry_after_s=5) from error


# --- What this process remembers


class States:
    """The states that this process wrote or read last, so that most reports need one call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._lock = Lock()

    def get(self, user_id: int) -> Known:
        return self._known.get(user_id, NOTHING)

    def put(self, user_id: int, known: Known) -> None:
        with self._lock:
            self._known[user_id] = known
            self._known.move_to_end(user_id)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def drop(self, user_id: int) -> None:
        with self._lock:
            self._known.pop(user_id, None)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


states = States(STATES_KNOWN_MAX)


# --- Reading


def known(user_id: int) -> Known:
    """The state of a user now. Raises Refused: unavailable."""
    return unpack(*_ask(("GET", state_key(user_id)), ("GET", cell_key(user_id))))


async def aknown(user_id: int) -> Known:
    """The state of a user now, from the running event loop; as `known`."""
    keys = (state_key(user_id), cell_key(user_id))
    with _away_is_refused():
        return unpack(*await aask([("GET", key) for key in keys], raw=True))


def keep_cell(user_id: int, area: Area) -> None:
    """Keep the cell that others see as long as history; what cannot be kept is no loss."""
    with suppress(LiveAway):
        ask([functions.keep_cell(user_id, area, _cell_ttl_s())])


async def akeep_cell(user_id: int, area: Area) -> None:
    """Keep the cell that others see, from the running event loop; as `keep_cell`."""
    with suppress(LiveAway):
        await aask([functions.keep_cell(user_id, area, _cell_ttl_s())])


def _cell_ttl_s() -> int:
    return settings.LOCATION_RETENTION_DAYS * DAY_MS // 1000


def tally(reasons: Sequence[str]) -> None:
    """Count reasons, from a thread; while live is away they go uncounted."""
    try:
        run(count(reasons))
    except Refused:
        return


async def atally(reasons: Sequence[str]) -> None:
    """Count reasons, from the running event loop; as `tally`."""
    try:
        await arun(count(reasons))
    except Refused:
        return


def note_missed(user_id: int, device_id: int, reasons: Mapping[str, int]) -> None:
    """Count reports of a device that were not taken, for its owner; forgotten after a week."""
    key = missed_key(user_id)
    words = [("HINCRBY", key, f"{device_id}:{word}", n) for word, n in reasons.items()]
    with suppress(Refused):
        _ask(*words, ("PEXPIRE", key, MISSED_FOR_MS))


def missed(user_id: int) -> dict[int, dict[str, int]]:
    """By device, how many of its reports were not taken lately and why; {} while live is away."""
    found: dict[int, dict[str, int]] = {}
    try:
        [counted] = _ask(("HGETALL", missed_key(user_id)))
    except Refused:
        return {}
    for name, reports in counted.items():
        device_id, _, word = name.decode().partition(":")
        found.setdefault(int(device_id), {})[word] = int(reports)
    return found


def many(user_ids: Sequence[int]) -> list[State]:
    """The states of these users now, in their order; empty ones while live is away."""
    if not user_ids:
        return []
    try:
        [kept] = ask([("MGET", *map(state_key, user_ids))], raw=True)
    except LiveAway:
        return [State()] * len(user_ids)
    return [unpack(each).state for each in kept]


def near(lat: float, lon: float, radius_m: float, *, most: int = NEAR_MAX) -> Nearby:
    """The users within a radius now, 1,000 at most; one call. Raises Refused: unavailable.

    Without users who were last seen more than 90 seconds ago, whether or not they were reaped.
    """
    return run(functions.near(lat, lon, radius_m, most=most, since_ms=now_ms() - LIVE_FOR_MS))


def count_present() -> int:
    """How many users were seen in the last 90 seconds anywhere."""
    [seen] = _ask(("ZCOUNT", SEEN, now_ms() - LIVE_FOR_MS, "+inf"))
    return int(seen)


def unmap(user_id: int) -> None:
    """Take a user off the map until the next fix."""
    _ask(("ZREM", GEO, user_id), ("ZREM", SEEN, user_id))


def erase(user_id: int) -> int:
    """Forget a user, also fixes that wait for SQL; returns how many waited.

    A flush that is under way finds out from ERASED.
    """
    _ask(
        ("ZADD", ERASED, now_ms(), user_id),
        ("ZREMRANGEBYSCORE", ERASED, "-inf", now_ms() - ERASED_FOR_MS),
        ("DEL", state_key(user_id), cell_key(user_id), missed_key(user_id)),
        ("ZREM", GEO, user_id),
        ("ZREM", SEEN, user_id),
        atomic=True,
    )
    states.drop(user_id)
    [entries] = _ask(("XRANGE", QUEUE, "-", "+"))
    mine = [entry for entry, fields in entries if fields.get(b"u") == b"%d" % user_id]
    with _away_is_refused():
        set_aside.forget(user_id, POSITION)
    for some in chunks(mine, REAP_MOST):
        _ask(("XDEL", QUEUE, *some))
    return len(mine)


def forget_older(user_ids: Sequence[int], before_ms: int) -> None:
    """Forget the states of these users whose newest fix is of before a time."""
    pairs = zip(user_ids, many(user_ids), strict=True)
    old = [user_id for user_id, state in pairs if state.last and state.last.fix_ms < before_ms]
    if old:
        _ask(("DEL", *map(state_key, old)))


def waiting_count() -> int:
    """How many fixes wait for SQL."""
    [count] = _ask(("XLEN", QUEUE))
    return int(count)


def counts() -> dict[str, int]:
    """How often each reason was met since live began."""
    [counted] = _ask(("HGETALL", COUNTS))
    return {reason.decode(): int(count) for reason, count in counted.items()}


# --- The clock's part


def waiting(most: int) -> list[tuple[bytes, int, Fix]]:
    """The oldest fixes that wait for SQL: stream id, user, fix.

    An entry that nobody can read is set aside, and comes as a fix of user 0.
    """
    [entries] = _ask(("XRANGE", QUEUE, "-", "+", "COUNT", most))
    return [(entry, *_read_waiting(dict(fields))) for entry, fields in entries]


def _read_waiting(fields: dict[bytes, bytes]) -> tuple[int, Fix]:
    try:
        return int(fields[b"u"]), read_fix.decode(fields[b"f"])
    except (KeyError, ValueError) as error:
        set_aside.put(POSITION, error, queue=QUEUE, fields=fields)
        return 0, Fix(0, 0, 0, 0)


def set_fix_aside(user_id: int, fix: Fix, error: Exception) -> None:
    """Set a fix aside that SQL cannot take."""
    fields = {"u": user_id, "f": pack_fix(fix)}
    set_aside.put(POSITION, error, user_id=user_id, queue=QUEUE, fields=fields)


def written(entry_id: bytes) -> None:
    """Forget the fixes up to and with this id; they are in SQL."""
    upto, _, part = entry_id.partition(b"-")
    _ask(("XTRIM", QUEUE, "MINID", f"{int(upto)}-{int(part) + 1}"))


def reap_ahead(after_ms: int) -> int:
    """Take users off the map who were last seen after a time; returns how many, at most 500."""
    [found] = _ask(("ZRANGEBYSCORE", SEEN, f"({after_ms}", "+inf", "LIMIT", 0, REAP_MOST))
    if found:
        _ask(("ZREM", GEO, *found), ("ZREM", SEEN, *found), atomic=True)
    return len(found)


def forget_erased_ahead(after_ms: int) -> None:
    """Forget erasures that are stamped after a time: they would swallow what comes now."""
    _ask(("ZREMRANGEBYSCORE", ERASED, f"({after_ms}", "+inf"))


def erased() -> dict[int, int]:
    """The users erased lately, and when: fixes received until then must not be written."""
    [found] = _ask(("ZRANGE", ERASED, 0, -1, "WITHSCORES"))
    return {int(user_id): int(at_ms) for user_id, at_ms in found}


def reap(before_ms: int) -> int:
    """Take users off the map who were last seen before a time; at most 500 a call."""
    return run(Call("reap_locations_v1", (GEO, SEEN), (before_ms, REAP_MOST), int))
