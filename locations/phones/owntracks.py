"""Messages of the OwnTracks apps: an object with `_type`, speed in km/h.

Names in the message (`tid`, `topic`) are claims of the sender and are not read: the device token
alone says whose position it is.
"""

from collections.abc import Mapping
from typing import Any, Literal

from locations.fixes.fix import Measured, Source
from locations.phones.numbers import number, positive, scaled
from locations.phones.timestamps import to_ms
from locations.phones.unread import Unread

Kind = Literal["position", "event", "control", "encrypted"]
MPS_PER_KMH = 1 / 3.6
_KINDS: dict[str, Kind] = {
    "location": "position",
    "transition": "event",
    "encrypted": "encrypted",
}


def kind_of(said: Mapping[str, Any]) -> Kind:
    """The kind of a message."""
    return _KINDS.get(said["_type"].strip().lower(), "control")


def measured(said: Mapping[str, Any]) -> Measured:
    """The position in a message of the type `location`. Raises Unread: no_place, no_time."""
    lat, lon = number(said.get("lat")), number(said.get("lon"))
    if lat is None or lon is None:
        raise Unread("no_place")
    fix_ms = to_ms(said.get("tst"))
    if fix_ms is None:
        raise Unread("no_time")
    return Measured(
        source=Source.OWNTRACKS,
        lat=lat,
        lon=lon,
        fix_ms=fix_ms,
        accuracy_m=positive(said.get("acc")),
        speed_mps=scaled(said.get("vel"), MPS_PER_KMH),
        course_deg=number(said.get("cog")),
        altitude_m=number(said.get("alt")),
        battery_pct=number(said.get("batt")),
        # A ping stamps the last known position with the present time.
        is_ping=said.get("t") == "p",
    )
