"""The wire of rooms: what clients may say on a socket, and what the server tells them."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from rooms.facts import RoomFacts
from web.limits import FRAME_BYTES_MAX
from web.parsing import Message, given


class Hello(Message, tag="hello", tag_field="type", frozen=True):
    """The first message of a socket; always answered by `welcome`."""


class ChatSay(Message, tag="chat.say", tag_field="type", frozen=True):
    """A line for the room; `id` comes back as `re` when it is refused."""

    text: str
    id: str | UnsetType = UNSET


class Ping(Message, tag="ping", tag_field="type", frozen=True):
    """Answered by `pong` with the same `t` and the server's time."""

    t: int


RoomMessage = Hello | ChatSay | Ping


def encode(message: Any) -> str:
    """One frame's text."""
    return msgspec.json.encode(message).decode()


class Person(Struct):
    """A user as others see them."""

    id: int
    nickname: str


class PlaceShape(Struct):
    """The circle a room is tied to; where it lies is not told."""

    radius_m: int
    bets_need_presence: bool
    band: str | UnsetType = UNSET


class RoomShape(Struct):
    """A room as the protocol shows it."""

    code: str
    title: str
    club: str
    visibility: str
    status: str
    host: Person
    capacity: int
    hosts_may_bet: bool
    here: int
    open_markets: int
    place: PlaceShape | None
    created_at_ms: int


def room_shape(facts: RoomFacts, here: int, band: str | None = None) -> RoomShape:
    """Show a room; `band` tells how far away it is from who asks."""
    place = None
    if facts.place:
        place = PlaceShape(facts.place.radius_m, facts.bets_need_presence, band or UNSET)
    return RoomShape(
        code=facts.code,
        title=facts.title,
        club=facts.club,
        visibility=facts.visibility,
        status="live" if facts.is_live else "ended",
        host=Person(facts.host_id, facts.host_nickname),
        capacity=facts.capacity,
        hosts_may_bet=facts.hosts_may_bet,
        here=here,
        open_markets=facts.open_markets,
        place=place,
        created_at_ms=facts.created_at_ms,
    )


def room_frame(facts: RoomFacts, here: int) -> str:
    """The room, told whenever it changes."""
    return encode({"type": "room", "room": room_shape(facts, here)})


def people_frame(here: int) -> str:
    """How many are here."""
    return encode({"type": "people", "here": here})


def notice_frame(code: str, message: str) -> str:
    """Something the house wants one person or everybody to know."""
    return encode({"type": "notice", "code": code, "message": message})


def error_frame(refusal: dict[str, Any], re: str | None) -> str:
    """A refusal; `re` is the id of the message it answers."""
    error = {"type": "error", "code": refusal["code"], "message": refusal["message"], "re": re}
    if refusal.get("detail"):
        error["detail"] = refusal["detail"]
    return encode(error)


class _Name(Struct):
    """The two fields by which a message that was not understood may still be named."""

    bet_id: str | None = None
    id: str | None = None


def name_in(text: str) -> str | None:
    """The id in a message that was not understood, where it can be read."""
    try:
        name = msgspec.json.decode(text, type=_Name)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return name.bet_id or name.id


def name_of(message: Any) -> str | None:
    """The id a message gave itself."""
    name = getattr(message, "bet_id", None) or given(getattr(message, "id", None))
    return None if name is None else str(name)


def bytes_of(text: str | bytes) -> int:
    """How many bytes a message takes; exact only where it matters."""
    if isinstance(text, bytes) or len(text) > FRAME_BYTES_MAX:
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))
