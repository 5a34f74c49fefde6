"""The messages of OwnTracks over HTTP: one JSON object a request, rarely a list of them.

Speed is in km/h, `tst` in Unix seconds. Names in the message (`tid`, `topic`) are claims of the
sender and are not read: the device token alone says whose position it is.
"""

from typing import Any

from locations.fixes.fix import Measured, Source
from locations.messages import FIXES_PER_POST_MAX
from locations.phones.reading import (
    Heard,
    Kind,
    Unreadable,
    from_json,
    needed,
    number,
    positive,
    scaled,
    seconds_to_ms,
)

MPS_PER_KMH = 1 / 3.6
_KINDS: dict[str, Kind] = {"transition": "event", "encrypted": "encrypted"}


def read(body: bytes) -> Heard:
    """Read a body; one that makes no sense is `malformed`, never an exception."""
    if not body.strip():
        return Heard("empty")
    try:
        said = from_json(body)
        if isinstance(said, list):
            return _several(said)
        return _one(said)
    except Unreadable:
        return Heard("malformed")


def _several(said: list[Any]) -> Heard:
    if len(said) > FIXES_PER_POST_MAX:
        raise Unreadable
    heard = [_one(each) for each in said]
    measured = [fix for each in heard for fix in each.measured]
    return Heard("position" if measured else "control", measured)


def _one(said: Any) -> Heard:
    if not isinstance(said, dict) or not isinstance(said.get("_type"), str):
        raise Unreadable
    if said["_type"] != "location":
        return Heard(_KINDS.get(said["_type"], "control"))
    fix = Measured(
        source=Source.OWNTRACKS,
        lat=needed(said.get("lat")),
        lon=needed(said.get("lon")),
        fix_ms=seconds_to_ms(said.get("tst")),
        accuracy_m=positive(said.get("acc")),
        speed_mps=scaled(said.get("vel"), MPS_PER_KMH),
        course_deg=number(said.get("cog")),
        altitude_m=number(said.get("alt")),
        battery_pct=number(said.get("batt")),
        # A ping stamps the last known position with the present time.
        is_ping=said.get("t") == "p",
    )
    return Heard("position", [fix])
