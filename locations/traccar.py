"""What Traccar Client and OsmAnd say, in every dialect that phones still speak.

A query (GET, or POST with an empty body) and a form carry the same keys, speed in knots; JSON
carries metres per second and -1 for unknown, with the figures in `coords` or beside it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from .fixes import Measured, Source
from .reading import (
    FIXES_MAX,
    Heard,
    Unreadable,
    any_time_to_ms,
    from_json,
    is_true,
    needed,
    number,
    positive,
    scaled,
)

MPS_PER_KNOT = 0.514444
ACCURACY_M_PER_HDOP = 5.0
FIELDS_MAX = 200
_TOKENS = ("id", "deviceid", "device_id")


def read(content_type: str, query: str, body: bytes) -> Heard:
    """Tell what a request is, and which token it names; never raises."""
    named = _fields(query)
    token = _token(named)
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return _json(body, token)
    source = Source.TRACCAR_QUERY
    if not named:
        named, source = _fields(body.decode("utf-8", "replace")), Source.TRACCAR_FORM
        token = _token(named)
    try:
        return _flat(named, token, source)
    except Unreadable:
        return Heard("malformed", token=token)


def _fields(text: str) -> dict[str, str]:
    """The first of each field; fields that repeat (masts, access points) are not ours to keep."""
    fields: dict[str, str] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX):
            fields.setdefault(name, value)
    except ValueError:
        return {}
    return fields


def _token(named: Mapping[str, Any]) -> str:
    found = next((named[key] for key in _TOKENS if named.get(key)), "")
    return found if isinstance(found, str) else ""


def _flat(named: Mapping[str, str], token: str, source: Source) -> Heard:
    lat, lon = named.get("lat"), named.get("lon")
    if lat is None and lon is None and "location" in named:
        lat, _comma, lon = named["location"].partition(",")
    if (lat is None and lon is None) or named.get("valid", "true") in ("false", "0"):
        return Heard("no_position", token=token)
    hdop = positive(named.get("hdop"))
    accuracy_m = positive(named.get("accuracy"))
    fix = Measured(
        source=source,
        lat=needed(lat),
        lon=needed(lon),
        fix_ms=any_time_to_ms(named.get("timestamp")),
        accuracy_m=accuracy_m or (hdop * ACCURACY_M_PER_HDOP if hdop else None),
        is_estimated=accuracy_m is None and hdop is not None,
        speed_mps=scaled(named.get("speed"), MPS_PER_KNOT),
        course_deg=number(named.get("bearing", named.get("heading"))),
        altitude_m=number(named.get("altitude")),
        battery_pct=number(named.get("batt")),
        is_mock=is_true(named.get("mock")),
    )
    return Heard("position", [fix], token)


def _json(body: bytes, token: str) -> Heard:
    try:
        said = from_json(body)
    except Unreadable:
        return Heard("malformed", token=token)
    reports = said if isinstance(said, list) else [said]
    first = reports[0] if reports else None
    token = _token(first) or token if isinstance(first, dict) else token
    try:
        if len(reports) > FIXES_MAX:
            raise Unreadable
        measured = [fix for report in reports if (fix := _located(report, token))]
    except Unreadable:
        return Heard("malformed", token=token)
    return Heard("position" if measured else "no_position", measured, token)


def _located(report: Any, token: str) -> Measured | None:
    """The position in one JSON report, or None when it holds none."""
    if not isinstance(report, dict) or not isinstance(report.get("location"), dict):
        raise Unreadable
    if _token(report) not in ("", token):
        raise Unreadable
    place = report["location"]
    coords = place.get("coords", place)
    if not isinstance(coords, dict):
        raise Unreadable
    if coords.get("latitude") is None and coords.get("longitude") is None:
        return None
    battery = place.get("battery", report.get("battery"))
    level = number(battery.get("level")) if isinstance(battery, dict) else None
    return Measured(
        source=Source.TRACCAR_JSON,
        lat=needed(coords.get("latitude")),
        lon=needed(coords.get("longitude")),
        fix_ms=any_time_to_ms(place.get("timestamp")),
        accuracy_m=positive(coords.get("accuracy")),
        speed_mps=number(coords.get("speed")),
        course_deg=number(coords.get("heading")),
        altitude_m=number(coords.get("altitude")),
        battery_pct=level * 100 if level is not None and level >= 0 else None,
        is_mock=is_true(place.get("mock")),
    )
