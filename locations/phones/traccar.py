"""Positions of Traccar Client, OsmAnd, GPSLogger, Overland and programs like them.

The same figures have many names: `device_id`, `deviceId` and `deviceid` are one, and so are
`hacc`, `horizontal_accuracy` and `accuracy`. A query and a form carry their speed in knots, JSON in
metres per second and -1 for unknown, whether the figures stand side by side or in `coords`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from locations.fixes.fix import Measured, Source
from locations.phones.numbers import is_absent, is_false, is_true, number, positive
from locations.phones.timestamps import to_ms
from locations.phones.unread import Unread

Named = Mapping[str, Any]

MPS_PER_KNOT = 0.514444
MPS_PER_KMH = 1 / 3.6
ACCURACY_M_PER_HDOP = 5.0
_LAT, _LON = ("lat", "latitude"), ("lon", "lng", "long", "longitude")
# A place as two numbers: latitude first, but for GeoJSON.
_PAIRS, _GEOJSON = ("location", "gps", "latlng", "latlon"), "coordinates"
_PLACES = (*_LAT, *_LON, *_PAIRS)
_TIMES = (
    "timestamp", "time", "tst", "timeoffset", "fixtime", "gpstime", "datetime", "utctime",
    "timestampms", "recordedat", "devicetime", "ts",
)  # fmt: skip
_ACCURACY = ("accuracy", "acc", "hacc", "horizontalaccuracy", "gpsaccuracy")
_COURSE = ("bearing", "heading", "course", "direction", "dir", "cog")
_ALTITUDE = ("altitude", "alt", "ele", "elevation")
_MOCK = ("mock", "ismock", "mocked", "mocklocation", "isfrommockprovider", "simulated")
_SPEEDS_MPS = {"spd": 1.0, "vel": MPS_PER_KMH, "spdkph": MPS_PER_KMH, "speedkph": MPS_PER_KMH}
_OTHERS = (
    "id", "deviceid", "token", "speed", "batt", "battery", "batterylevel", "hdop", "valid",
)  # fmt: skip
# Where reports stand in JSON, one or a list of them.
HOLDERS = (
    "location", "locations", "position", "positions", "point", "points", "fix", "fixes", "data",
    "features", "batch", "records", "items", "updates", "payload", "body", "params",
)  # fmt: skip
_WANTED = {
    *_LAT, *_LON, *_PAIRS, *_TIMES, *_ACCURACY, *_COURSE, *_ALTITUDE, *_MOCK, *_SPEEDS_MPS,
    *_OTHERS, *HOLDERS,
}  # fmt: skip
# Fields that hold the figures one level deeper.
_INNER = ("properties", "coords", "geometry")


def fields(pairs: Iterable[tuple[str, str]]) -> Named:
    """The first of each name that says something; names of masts and networks are not kept."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        name = _canonical(name)
        if name in _WANTED and (name not in found or is_absent(found[name])):
            found[name] = value
    return found


def flattened(said: Mapping[str, Any]) -> Named:
    """The figures of an object of JSON, with those that stand in `coords` and the like."""
    named = {_canonical(name): value for name, value in said.items()}
    inner = [named[key] for key in _INNER if isinstance(named.get(key), Mapping)]
    for figures in inner:
        named = {**named, **{_canonical(name): value for name, value in figures.items()}}
    return named


def _canonical(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").strip()


def has_place(named: Named) -> bool:
    """Whether there are fields for a place, whatever they say."""
    return any(key in named for key in (*_LAT, *_LON)) or _pair(named) is not None


def is_nowhere(named: Named) -> bool:
    """Whether the fields for a place say that there is none, or there are none."""
    if is_false(named.get("valid")):
        return True
    return _pair(named) is None and all(is_absent(named.get(key)) for key in _PLACES)


def measured(named: Named, source: Source, *, is_single: bool) -> Measured:
    """A position. Raises Unread: no_place, no_time.

    One that stands alone and names no time is of now.
    """
    lat, lon = _place(named)
    accuracy_m, hdop = _first(named, _ACCURACY, positive), positive(named.get("hdop"))
    return Measured(
        source=source,
        lat=lat,
        lon=lon,
        fix_ms=_time_ms(named, is_single),
        accuracy_m=accuracy_m or (hdop * ACCURACY_M_PER_HDOP if hdop else None),
        is_estimated=accuracy_m is None and hdop is not None,
        speed_mps=_speed_mps(named, source),
        course_deg=_first(named, _COURSE, number),
        altitude_m=_first(named, _ALTITUDE, number),
        battery_pct=_battery_pct(named),
        is_mock=any(is_true(named.get(key)) for key in _MOCK),
    )


def _first(named: Named, keys: Iterable[str], read: Any) -> float | None:
    """The first of several names that holds a figure."""
    figures = (read(named[key]) for key in keys if key in named)
    return next((figure for figure in figures if figure is not None), None)


def _place(named: Named) -> tuple[float, float]:
    lat, lon = _first(named, _LAT, number), _first(named, _LON, number)
    if lat is not None and lon is not None:
        return lat, lon
    if lat is None and lon is None and (pair := _pair(named)):
        return pair
    raise Unread("no_place")


def _pair(named: Named) -> tuple[float, float] | None:
    """A place in one field: two numbers, or a text of two."""
    for key in (*_PAIRS, _GEOJSON):
        found = named.get(key)
        parts = found if isinstance(found, list) else _parts(found)
        if len(parts) in (2, 3):
            first, second = number(parts[0]), number(parts[1])
            if first is not None and second is not None:
                return (second, first) if key == _GEOJSON else (first, second)
    return None


def _parts(found: Any) -> list[str]:
    """`52.5,13.4`, `52,5;13,4` and `52,5,13,4` are the same two numbers."""
    if not isinstance(found, str) or len(found) > 100:
        return []
    text = found.strip().removeprefix("geo:")
    commas = text.split(",")
    if len(commas) == 4 and "." not in text:
        return [f"{commas[0]}.{commas[1]}", f"{commas[2]}.{commas[3]}"]
    if ";" in text or len(commas) == 1:
        return re.split(r"[;\s]+", text)
    return commas if len(commas) < 4 else []


def _time_ms(named: Named, is_single: bool) -> int | None:
    said = [named[key] for key in _TIMES if not is_absent(named.get(key))]
    for each in said:
        try:
            return to_ms(each)
        except Unread:
            continue
    if said or not is_single:
        raise Unread("no_time")
    return None


def _speed_mps(named: Named, source: Source) -> float | None:
    in_mps = source == Source.TRACCAR_JSON
    units = {"speed": 1.0 if in_mps else MPS_PER_KNOT, **_SPEEDS_MPS}
    figures = ((number(named[key]), unit) for key, unit in units.items() if key in named)
    return next((figure * unit for figure, unit in figures if figure is not None), None)


def _battery_pct(named: Named) -> float | None:
    """Percent under some names, a share of 1 under others."""
    battery = named.get("battery")
    if isinstance(battery, Mapping):
        share, battery = number(battery.get("level")), None
    else:
        share = number(named.get("batterylevel"))
    percent = number(named.get("batt", battery))
    if percent is not None or share is None or share < 0:
        return percent
    return share * 100 if share <= 1 else share
