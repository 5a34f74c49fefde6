"""The canonical fix: every source is turned into it once, before anything is judged.

A `Measured` holds a phone's figures in plain units, unknown as None. A `Fix` holds them in the
whole numbers that are stored: unknown is a sentinel and nothing is ever NULL.
"""

import math
from enum import IntEnum, IntFlag
from functools import cache

import msgspec

UNKNOWN_U16 = 65_535
UNKNOWN_ALTITUDE = -32_768
UNKNOWN_BATTERY = 255

COARSE_FROM_M = 1_000
NULL_ISLAND_DEGREES = 1e-4


class Source(IntEnum):
    """The source of a fix."""

    WEB = 1
    OWNTRACKS = 2
    TRACCAR_QUERY = 3
    TRACCAR_JSON = 4
    TRACCAR_FORM = 5
    API = 6


class Flag(IntFlag):
    """A property of a fix beside its figures."""

    MOCK = 1  # The phone says that the position was made up.
    JUMP = 2  # Nobody moves like this; also what follows within ten minutes.
    CLOCK = 4  # The time was put right by the server.
    ESTIMATED = 8  # The accuracy was guessed from other figures.
    COARSE = 16  # The accuracy is worse than a kilometre.
    HELD = 32  # Kept back: no later fix has confirmed it.
    PING = 64  # An old position that a phone said again under the present time.


@cache
def source_word(number: int) -> str:
    """A source as it is told: a word of docs/locations.md, or the number where there is none."""
    # A row that a later version wrote, or that was damaged, stops no page and no export.
    return Source(number).name.lower() if number in set(Source) else str(number)


@cache
def flag_words(number: int) -> tuple[str, ...]:
    """Flags as they are told: words of docs/locations.md."""
    return tuple(str(flag.name).lower() for flag in Flag(number))


class Unusable(Exception):
    """A fix that is not taken; `reason` is a word of docs/locations.md."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A phone's figures, in degrees, metres, metres per second; None is unknown.

    `fix_ms` None means the time of arrival.
    """

    source: Source
    lat: float
    lon: float
    fix_ms: int | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None
    battery_pct: float | None = None
    is_mock: bool = False
    is_estimated: bool = False
    is_ping: bool = False
    is_visible: bool = True


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A position at a time, in the whole numbers that Redis and SQL keep."""

    fix_ms: int
    received_ms: int
    lat_e7: int
    lon_e7: int
    accuracy_dm: int = UNKNOWN_U16
    speed_cms: int = UNKNOWN_U16
    course_cd: int = UNKNOWN_U16
    altitude_m: int = UNKNOWN_ALTITUDE
    battery_pct: int = UNKNOWN_BATTERY
    source: int = Source.WEB
    flags: int = 0

    @property
    def lat(self) -> float:
        return self.lat_e7 / 1e7

    @property
    def lon(self) -> float:
        return self.lon_e7 / 1e7

    @property
    def accuracy_m(self) -> float | None:
        return None if self.accuracy_dm == UNKNOWN_U16 else self.accuracy_dm / 10

    @property
    def speed_mps(self) -> float | None:
        return None if self.speed_cms == UNKNOWN_U16 else self.speed_cms / 100

    @property
    def course_deg(self) -> float | None:
        return None if self.course_cd == UNKNOWN_U16 else self.course_cd / 100

    def flagged(self, flag: Flag) -> "Fix":
        """This fix with one more flag."""
        return msgspec.structs.replace(self, flags=self.flags | flag)


def known(figure: float | None, most: float = math.inf) -> float | None:
    """A figure that may be kept: finite, not negative, not beyond `most`; else None."""
    if figure is None or not math.isfinite(figure) or not 0 <= figure <= most:
        return None
    return figure


def to_fix(measured: Measured, fix_ms: int, received_ms: int) -> Fix:
    """Turn plain units into the stored whole numbers.

    Raises Unusable: range (off the globe; longitudes are never wrapped), null_island (0,0, which
    phones send when they know nothing).
    """
    lat, lon = measured.lat, measured.lon
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # Also refuses NaN.
        raise Unusable("range")
    if abs(lat) < NULL_ISLAND_DEGREES and abs(lon) < NULL_ISLAND_DEGREES:
        raise Unusable("null_island")
    # Phones send an accuracy of 0 when they have none.
    accuracy_m = known(measured.accuracy_m) or None
    flags = Flag(0)
    flags |= Flag.MOCK if measured.is_mock else 0
    flags |= Flag.ESTIMATED if measured.is_estimated else 0
    flags |= Flag.PING if measured.is_ping else 0
    flags |= Flag.COARSE if accuracy_m is not None and accuracy_m > COARSE_FROM_M else 0
    course_deg = known(measured.course_deg, 360)
    battery_pct = known(measured.battery_pct, 100)
    return Fix(
        fix_ms=fix_ms,
        received_ms=received_ms,
        lat_e7=round(lat * 1e7),
        lon_e7=round(lon * 1e7),
        accuracy_dm=_scaled(accuracy_m, 10),
        speed_cms=_scaled(known(measured.speed_mps), 100),
        course_cd=UNKNOWN_U16 if course_deg is None else round(course_deg * 100) % 36_000,
        altitude_m=_altitude(measured.altitude_m),
        battery_pct=UNKNOWN_BATTERY if battery_pct is None else round(battery_pct),
        source=measured.source,
        flags=int(flags),
    )


def _scaled(figure: float | None, per_unit: int) -> int:
    """Store a figure in small units; what is too large for the column is its largest value."""
    return UNKNOWN_U16 if figure is None else round(min(figure * per_unit, UNKNOWN_U16 - 1))


def _altitude(altitude_m: float | None) -> int:
    if altitude_m is None or not abs(altitude_m) < -UNKNOWN_ALTITUDE - 1:
        return UNKNOWN_ALTITUDE
    return round(altitude_m)
