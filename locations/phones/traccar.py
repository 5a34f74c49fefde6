"""The messages of Traccar Client and OsmAnd, in every dialect that phones still speak.

A query (GET, or POST with an empty body) and a form carry the same keys, speed in knots; JSON
carries metres per second and -1 for unknown, with the figures in `coords` or beside it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from locations.fixes.fix import Measured, Source
from locations.messages import FIXES_PER_POST_MAX
from locations.phones.reading import (
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
# Where JSON cannot be read to its end, the token may still be in the part that was.
_TOKEN_IN_JSON = re.compile(rb'"device_id"\s*:\s*"(\w{1,64})"')
_PLACES = {"lat", "lon", "location"}
_BLANKS = b"\xef\xbb\xbf \t\r\n"


def read(content_type: str, query: str, body: bytes) -> Heard:
    """Read a request, and the token that it names; never raises.

    A token in the address is the one that counts: a user who pastes the whole address that we show
    leaves a number of the app's own in the body.
    """
    named, source = _fields(query), Source.TRACCAR_QUERY
    token = _token(named)
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return _json(body, token)
    if body and not named.keys() & _PLACES:
        if body.lstrip(_BLANKS)[:1] in (b"{", b"["):
            return _json(body, token)
        form, source = _fields(body.decode("utf-8", "replace")), Source.TRACCAR_FORM
        named, token = {**named, **form}, token or _token(form)
    try:
        return _flat(named, token, source)
    except Unreadable:
        return Heard("malformed", token=token)


def _fields(text: str) -> dict[str, str]:
    """The first of each name among 200 fields; masts and access points repeat, and are not kept."""
    fields: dict[str, str] = {}
    first = "&".join(text.split("&", FIELDS_MAX)[:FIELDS_MAX])
    for name, value in parse_qsl(first, keep_blank_values=True):
        fields.setdefault(name, value)
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
        found = _TOKEN_IN_JSON.search(body)
        return Heard("malformed", token=token or (found[1].decode() if found else ""))
    reports = said if isinstance(said, list) else [said]
    first = reports[0] if reports else None
    device = _token(first) if isinstance(first, dict) else ""
    token = token or device
    try:
        if len(reports) > FIXES_PER_POST_MAX:
            raise Unreadable
        measured = [fix for report in reports if (fix := _located(report, device))]
    except Unreadable:
        return Heard("malformed", token=token)
    return Heard("position" if measured else "no_position", measured, token)


def _located(report: Any, device: str) -> Measured | None:
    """The position in one JSON report of this device, or None when it holds none."""
    if not isinstance(report, dict) or not isinstance(report.get("location"), dict):
        raise Unreadable
    if _token(report) not in ("", device):
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
