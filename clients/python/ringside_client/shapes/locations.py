"""What goes over the wire about locations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import UNSET, Struct, UnsetType


class MissedShape(Struct, kw_only=True):
    """How many reports of a device were not taken lately for one reason of docs/locations.md."""

    reason: str
    reports: int


class DeviceShape(Struct, kw_only=True):
    """A device as its user sees it; `missed` is left out while everything was taken."""

    id: int
    name: str
    created_at_ms: int
    seen_at_ms: int | None
    missed: list[MissedShape] | None = None


class DevicesAnswer(Struct, kw_only=True):
    """All devices of a user, newest first; there are ten at most."""

    results: list[DeviceShape]
    next: str | None = None


class ErasedAnswer(Struct, kw_only=True):
    """The data that was erased, and what was not and why."""

    erased_at_ms: int
    position: bool
    history: int
    waiting: int
    devices: int
    sharing: int
    kept: list[str]


class History(Struct, kw_only=True):
    """How much of the past is kept, and from when to when."""

    fixes: int
    from_ms: int | None
    to_ms: int | None


class Position(Struct, kw_only=True):
    """A position as its own user sees it; unknown figures are null."""

    fix_ms: int
    received_ms: int
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    course_deg: float | None
    source: str
    age_s: int
    live: bool
    flags: list[str]


class SharingShape(Struct, kw_only=True):
    """The level that a user shares with a room, and until when."""

    room: str
    level: str
    until_ms: int


class MyLocation(Struct, kw_only=True):
    """Everything that is known of the own positions."""

    position: Position | None
    history: History
    devices: list[DeviceShape]
    sharing: list[SharingShape]


class OwntracksSetup(Struct, kw_only=True):
    """The set-up of OwnTracks: the address, a link that does it all, and its QR image."""

    url: str
    link: str
    qr: str


class TraccarSetup(Struct, kw_only=True):
    """The set-up of Traccar Client: an address to scan, its QR image, and a link to tap."""

    url: str
    qr: str
    link: str


class PairedAnswer(Struct, kw_only=True):
    """A new device; the token is shown once."""

    id: int
    name: str
    token: str
    owntracks: OwntracksSetup
    traccar: TraccarSetup


class Result(Struct, kw_only=True):
    """The verdict on one fix."""

    status: str
    reason: str | None = None


class ReportAnswer(Struct, kw_only=True):
    """The verdicts on a report, and in how many milliseconds the next is wanted."""

    results: list[Result]
    next_ms: int


class ReportedFix(Struct, kw_only=True):
    """One fix of a client that speaks our own protocol; degrees, metres, m/s, Unix ms."""

    fix_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None | UnsetType = UNSET
    course_deg: float | None | UnsetType = UNSET
    visible: bool | UnsetType = UNSET


class SharingAnswer(Struct, kw_only=True):
    """Everything that a user shares now."""

    sharing: list[SharingShape]
