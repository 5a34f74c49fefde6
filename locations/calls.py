"""What positions ask of the live Redis: one builder for each function of the library.

Pure: nothing here talks to anybody; live.py sends the calls. Keys are spelled here and nowhere
else.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from accounts.refusals import Refused
from rooms.places import distance_m

from .fixes import Fix
from .judgement import State, is_live

GEO = "loc:{loc}:geo"
SEEN = "loc:{loc}:seen"
QUEUE = "loc:{loc}:queue"
COUNTS = "loc:{loc}:counts"
ERASED = "loc:{loc}:erased"

STATE_TTL_S = 3_600
# About 15 MB, or 100 s of a database that is away at 1,000 fixes a second.
QUEUE_MAX = 100_000
# GEOADD takes no more than this; who is nearer to a pole is stored, but not found on the map.
LATITUDE_MAX = 85.05112878
ASKED_LATITUDE_MAX = 85.05
NEAR_MAX = 2_000
# So many are looked at for each one wanted: some were not seen lately and wait for the reaper.
CANDIDATES_PER_WANTED = 3
# Longer than from anywhere to its antipode.
ANYWHERE_M = 20_100_000.0

T = TypeVar("T")


def state_key(user_id: int) -> str:
    return f"loc:{{loc}}:u:{user_id}"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call of the library: what to send and how to read the answer."""

    function: str
    keys: tuple[str, ...]
    args: tuple[Any, ...]
    read: Callable[[Any], T]


@dataclass(frozen=True, slots=True)
class Known:
    """A user's state and its version; version 0 is a user of whom nothing is known."""

    version: int
    state: State


NOTHING = Known(0, State())


@dataclass(frozen=True, slots=True)
class Taken:
    """A report was written; `waiting` fixes are on their way to SQL."""

    waiting: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Nothing was written: the state is another one than the caller knew."""

    known: Known


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody and where: an exact point, to about half a metre, for nobody's eyes."""

    user_id: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Nearby:
    """Who is near; `is_whole` is False when there may be more than were answered."""

    people: list[Near]
    is_whole: bool


_states = msgspec.msgpack.Decoder(State)
read_fix = msgspec.msgpack.Decoder(Fix)
_encode = msgspec.msgpack.Encoder().encode


def unpack(stored: bytes | None) -> Known:
    """Read a stored state; one of another shape counts as nothing but keeps its version."""
    if not stored:
        return NOTHING
    version, _, packed = stored.partition(b":")
    try:
        return Known(int(version), _states.decode(packed))
    except msgspec.DecodeError:
        return Known(int(version), State())


def report(
    user_id: int, before: Known, after: Known, *, reasons: Sequence[str], kept: Sequence[Fix]
) -> Call[Taken | Moved]:
    """Write one judged report, unless the state moved on since `before`; Refused when full."""
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
    """Ask who is within a radius and was seen since a time; 2,000 at most, in no order.

    The engine knows no point nearer to a pole than LATITUDE_MAX, and measures on a sphere of its
    own: it is asked a little too widely, and what it answers is measured again as everywhere here.
    """
    most = min(most, NEAR_MAX)
    asked_m = _asked_m(lat, radius_m)
    # On the very edge of its map the engine overlooks who is across.
    asked_lat = max(-ASKED_LATITUDE_MAX, min(ASKED_LATITUDE_MAX, lat))
    asked_lon = -180.0 if lon == 180 else lon

    def read(reply: list[Any]) -> Nearby:
        may_be_more, *found = reply
        everybody = [
            Near(int(user), float(at_lat), float(at_lon))
            for user, at_lon, at_lat in zip(found[::3], found[1::3], found[2::3], strict=True)
        ]
        return Nearby(
            [each for each in everybody if distance_m(lat, lon, each.lat, each.lon) <= radius_m],
            is_whole=not may_be_more,
        )

    args = (asked_lon, asked_lat, asked_m, since_ms, most * CANDIDATES_PER_WANTED, most)
    return Call("near_locations_v1", (GEO, SEEN), args, read)


def _asked_m(lat: float, radius_m: float) -> float:
    """The radius to ask for. A circle that holds a pole is not searched on its far side, except
    when everything is.
    """
    if distance_m(lat, 0, math.copysign(90, lat), 0) <= radius_m:
        return ANYWHERE_M
    beyond_m = distance_m(lat, 0, math.copysign(ASKED_LATITUDE_MAX, lat), 0)
    return radius_m * 1.001 + 1 + (beyond_m if abs(lat) > ASKED_LATITUDE_MAX else 0)


def count(reasons: Sequence[str]) -> Call[Taken | Moved]:
    """Count reasons that led to nothing else."""
    return Call("count_location_reasons_v1", (COUNTS,), tuple(reasons), _read_report)


def _read_report(reply: list[Any]) -> Taken | Moved:
    word, figure = reply
    if word == b"full":
        raise Refused("busy", retry_after_s=5)
    return Taken(figure) if word == b"taken" else Moved(unpack(figure))
