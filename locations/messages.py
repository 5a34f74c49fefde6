"""The wire of positions: the messages of clients and of the server."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from accounts.sockets.frames import Error
from locations.fixes.fix import Fix, Flag, Measured, Source, source_word
from locations.fixes.plausibility import Status, is_live
from web.contract.fields import OptionalLabel
from web.parsing import Message

FIXES_PER_POST_MAX = 100
SHARING_MINUTES_MAX = 480


class ReportedFix(Message, frozen=True):
    """One fix of a client that speaks our own protocol; degrees, metres, m/s, Unix ms."""

    fix_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None = None
    course_deg: float | None = None
    visible: bool = True

    def measured(self, source: Source) -> Measured:
        return Measured(
            source=source,
            lat=self.lat,
            lon=self.lon,
            fix_ms=self.fix_ms,
            accuracy_m=self.accuracy_m,
            speed_mps=self.speed_mps,
            course_deg=self.course_deg,
            is_visible=self.visible,
        )


class FixMessage(ReportedFix, frozen=True, kw_only=True, tag_field="type", tag="fix"):
    """A fix on the socket; `n` comes back in its ack."""

    n: int

    @property
    def own_id(self) -> int:
        """Its number."""
        return self.n


class LocationPing(Message, frozen=True, tag_field="type", tag="ping"):
    """Are you there; `t` comes back."""

    t: int | float | str | None = None


LocationMessage = FixMessage | LocationPing


class Report(Message, frozen=True):
    """The body of POST /api/locations/."""

    fixes: Annotated[list[ReportedFix], Meta(max_length=FIXES_PER_POST_MAX)]


class Result(msgspec.Struct, omit_defaults=True):
    """The verdict on one fix."""

    status: Status
    reason: str | None = None


class DeviceAsk(Message, frozen=True):
    """The body of POST /api/locations/devices/."""

    name: OptionalLabel = ""


class OwntracksSetup(msgspec.Struct):
    """The set-up of OwnTracks: the address, a link that does it all, and its QR image."""

    url: str
    link: str
    qr: str


class TraccarSetup(msgspec.Struct):
    """The set-up of Traccar Client: an address to scan, its QR image, and a link to tap."""

    url: str
    qr: str
    link: str


class PairedAnswer(msgspec.Struct):
    """A new device; the token is shown once."""

    id: int
    name: str
    token: str
    owntracks: OwntracksSetup
    traccar: TraccarSetup


class MissedShape(msgspec.Struct):
    """How many reports of a device were not taken lately for one reason of docs/locations.md."""

    reason: str
    reports: int


class DeviceShape(msgspec.Struct, omit_defaults=True):
    """A device as its user sees it; `missed` is left out while everything was taken."""

    id: int
    name: str
    created_at_ms: int
    seen_at_ms: int | None
    missed: list[MissedShape] = []


class DevicesAnswer(msgspec.Struct):
    """All devices of a user, newest first; there are ten at most."""

    results: list[DeviceShape]
    next: str | None = None


class ExportQuery(Message, frozen=True):
    """The form of the own history."""

    format: Literal["json", "gpx"] = "json"


class SharingAsk(Message, frozen=True):
    """The body of PUT /api/locations/sharing/; without a room `off` ends it everywhere."""

    level: Literal["presence", "area", "exact", "off"]
    room: str = ""
    minutes: Annotated[int, Meta(ge=1, le=SHARING_MINUTES_MAX)] = 120


class SharingShape(msgspec.Struct):
    """The level that a user shares with a room, and until when."""

    room: str
    level: str
    until_ms: int


class SharingAnswer(msgspec.Struct):
    """Everything that a user shares now."""

    sharing: list[SharingShape]


class MapPlaceShape(msgspec.Struct):
    """The circle of a room, and whether its bets are taken from within only."""

    lat: float
    lon: float
    radius_m: int
    bets_need_presence: bool


class PersonShape(msgspec.Struct):
    """A person who shares with the room."""

    user: int
    nickname: str
    level: str


class CellShape(msgspec.Struct):
    """The middle of the area in which a person was lately, and the size of the area."""

    user: int
    lat: float
    lon: float
    size_m: int


class PointShape(msgspec.Struct):
    """A person's position, as far as their phone knows."""

    user: int
    lat: float
    lon: float
    accuracy_m: float | None
    age_s: int


class CountShape(msgspec.Struct):
    """People of the room: here now, and sharing."""

    here: int
    sharing: int


class MapAnswer(msgspec.Struct):
    """The map of a room as one of its members may see it."""

    place: MapPlaceShape | None
    people: list[PersonShape]
    cells: list[CellShape]
    points: list[PointShape]
    counts: CountShape


class CodeAsk(Message, frozen=True):
    """The body of POST /api/rooms/{code}/presence/: what the screen of the place shows."""

    code: str


class CodeAnswer(msgspec.Struct):
    """The code that the screen shows now, and when it changes."""

    code: str
    changes_in_ms: int


class PresenceAnswer(msgspec.Struct):
    """Whether bets of this user are taken in a room with a place, and why not."""

    may_bet: bool
    why: str
    where: str
    proof: str | None


class ErasedAnswer(msgspec.Struct):
    """The data that was erased, and what was not and why."""

    erased_at_ms: int
    position: bool
    history: int
    waiting: int
    devices: int
    sharing: int
    kept: list[str]


class ReportAnswer(msgspec.Struct):
    """The verdicts on a report, and in how many milliseconds the next is wanted."""

    results: list[Result]
    next_ms: int


class Ack(msgspec.Struct, omit_defaults=True, tag_field="type", tag="ack"):
    """Server → client: the verdict on the fix `n` of a socket."""

    n: int
    status: Status
    next_ms: int
    reason: str | None = None


class LocationPong(msgspec.Struct, tag_field="type", tag="pong"):
    """Server → client: the answer to a ping."""

    t: int | float | str | None
    now_ms: int


# The messages of the server on the socket of positions.
LocationEvent = Ack | LocationPong | Error


class Position(msgspec.Struct):
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


class History(msgspec.Struct):
    """How much of the past is kept, and from when to when."""

    fixes: int
    from_ms: int | None
    to_ms: int | None


class MyLocation(msgspec.Struct):
    """Everything that is known of the own positions."""

    position: Position | None
    history: History
    devices: list[DeviceShape]
    sharing: list[SharingShape]


def position(fix: Fix, now_ms: int) -> Position:
    """Show a fix to its own user."""
    age_ms = max(0, now_ms - fix.fix_ms)
    return Position(
        fix_ms=fix.fix_ms,
        received_ms=fix.received_ms,
        lat=fix.lat,
        lon=fix.lon,
        accuracy_m=fix.accuracy_m,
        speed_mps=fix.speed_mps,
        course_deg=fix.course_deg,
        source=source_word(fix.source),
        age_s=age_ms // 1000,
        live=is_live(fix, now_ms),
        flags=[str(flag.name).lower() for flag in Flag(fix.flags)],
    )
