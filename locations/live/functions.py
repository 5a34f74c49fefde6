"""The calls on positions in the live Redis: one builder for each function of the library.

Pure: client.py sends the calls. Keys are spelled here and nowhere else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from locations.fixes.fix import Fix
from locations.fixes.plausibility import Area, State, is_live
from rooms.places import EARTH_RADIUS_M
from web.refusals import Refused

GEO = "loc:{loc}:geo"
SEEN = "loc:{loc}:seen"
QUEUE = "loc:{loc}:queue"
COUNTS = "loc:{loc}:counts"
ERASED = "loc:{loc}:erased"

STATE_TTL_S = 3_600
# About 15 MB, or 100 s of a database that is away at 1,000 fixes a second.
QUEUE_MAX = 100_000
# GEOADD takes no more than this; nearer to a pole a user is stored, but not found on the map.
LATITUDE_MAX = 85.05112878
# On the very edge of its map the engine misses users across it; a little within it does not.
EDGE_LATITUDE = 85.05
ENGINE_EARTH_RADIUS_M = 6_372_797.560856
NEAR_MAX = 1_000
# So many are read for each one wanted: some were not seen lately and wait for the reaper.
CANDIDATES_PER_WANTED = 2

T = TypeVar("T")


def state_key(user_id: int) -> str:
    return f"loc:{{loc}}:u:{user_id}"


def cell_key(user_id: int) -> str:
    """The cell that others saw last, for those who come back to the same border."""
    return f"loc:{{loc}}:cell:{user_id}"


def missed_key(user_id: int) -> str:
    """Counts `<device>:<reason>` of reports that were not taken."""
    return f"loc:{{loc}}:missed:{user_id}"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call of the library: what to send and how to read the answer."""

    function: str
    keys: tuple[str, ...]
    args: tuple[Any, ...]
    read: Callable[[Any], T]


@dataclass(frozen=True, slots=True)
class Known:
    """A user's state and its version; version 0 is an unknown user."""

    version: int
    state: State


NOTHING = Known(0, State())


@dataclass(frozen=True, slots=True)
class Taken:
    """A report was written; `waiting` fixes are on their way to SQL."""

    waiting: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Nothing was written: the state is not the one that the caller knew."""

    known: Known


@dataclass(frozen=True, slots=True)
class Nearby:
    """Users who are near; `is_whole` is False when there may be more than were returned."""

    user_ids: list[int]
    is_whole: bool


_states = msgspec.msgpack.Decoder(State)
read_fix = msgspec.msgpack.Decoder(Fix)
_cells = msgspec.msgpack.Decoder(Area)
_encode = msgspec.msgpack.Encoder().encode


def keep_cell(user_id: int, area: Area, ttl_s: int) -> tuple[object, ...]:
    """The command that keeps the cell that others see."""
    return ("SET", cell_key(user_id), _encode(area), "EX", ttl_s)


def pack_fix(fix: Fix) -> bytes:
    """A fix as it waits for SQL."""
    return _encode(fix)


def unpack(stored: bytes | None, cell: bytes | None = None) -> Known:
    """Read a stored state; one of another shape counts as nothing but keeps its version.

    Of a user without a state the cell that others saw is still known.
    """
    if not stored:
        return Known(0, State(area=_cells.decode(cell))) if cell else NOTHING
    version, _, packed = stored.partition(b":")
    try:
        return Known(int(version), _states.decode(packed))
    except msgspec.DecodeError:
        return Known(int(version), State())


def report(
    user_id: int, before: Known, after: Known, *, reasons: Sequence[str], kept: Sequence[Fix]
) -> Call[Taken | Moved]:
    """Write one judged report, unless the state moved on since `before`. Raises Refused: busy."""
    last = after.state.last
    lon = lat = ""
    if last and is_live(last) and abs(last.lat) <= LATITUDE_MAX:
        lon, lat = repr(last.lon), repr(last.lat)
    args = (
        user_id,
        before.version,
        b"%d:%b" % (after.version, _encode(after.state)),
        STATE_TTL_S,
        lon,
        lat,
        last.received_ms if last else 0,
        QUEUE_MAX,
        len(reasons),
        *reasons,
        *(_encode(fix) for fix in kept),
    )
    keys = (state_key(user_id), GEO, SEEN, QUEUE, COUNTS)
    return Call("report_location_v1", keys, args, _read_report)


def near(lat: float, lon: float, radius_m: float, *, most: int, since_ms: int) -> Call[Nearby]:
    """Find users within a radius who were seen since a time; 1,000 at most, in no order.

    A middle nearer to a pole than 85.05 degrees counts as there. A circle round a pole of less than
    1,000 km may miss its far side.
    """
    most = min(most, NEAR_MAX)
    args = (
        -180.0 if lon == 180 else lon,
        max(-EDGE_LATITUDE, min(EDGE_LATITUDE, lat)),
        # The engine measures on a larger earth than we do.
        radius_m * ENGINE_EARTH_RADIUS_M / EARTH_RADIUS_M,
        since_ms,
        most * CANDIDATES_PER_WANTED,
        most,
    )
    return Call("near_locations_v1", (GEO, SEEN), args, _read_near)


def _read_near(reply: list[Any]) -> Nearby:
    may_be_more, *users = reply
    return Nearby([int(user) for user in users], is_whole=not may_be_more)


def count(reasons: Sequence[str]) -> Call[Taken | Moved]:
    """Count reasons where nothing is written."""
    return Call("count_location_reasons_v1", (COUNTS,), tuple(reasons), _read_report)


def _read_report(reply: list[Any]) -> Taken | Moved:
    word, figure = reply
    if word == b"full":
        raise Refused("busy", retry_after_s=5)
    return Taken(figure) if word == b"taken" else Moved(unpack(figure))
