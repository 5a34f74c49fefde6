"""The wire of rooms: what clients may say on a socket, and what the server tells them."""

from enum import IntEnum
from typing import Any

import msgspec
from msgspec import Struct

from rooms.facts import RoomFacts


class Close(IntEnum):
    """Why a socket ends. After the first four a client comes back with jitter, else it does not."""

    BYE = 4000
    TOO_SLOW = 4008
    TOO_BIG = 1009
    TOO_FAST = 4029
    NONSENSE = 1008
    SIGN_IN = 4401
    SENT_AWAY = 4403
    REPLACED = 4409
    ENDED = 4410


class Hello(Struct, tag="hello", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The first message of a socket; always answered by `welcome`."""


class ChatSay(Struct, tag="chat.say", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """A line for the room; `id` comes back as `re` when it is refused."""

    text: str
    id: str | None = None


class Ping(Struct, tag="ping", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """Answered by `pong` with the same `t` and the server's time."""

    t: int


RoomMessage = Hello | ChatSay | Ping


def encode(message: Any) -> str:
    """One frame's text."""
    return msgspec.json.encode(message).decode()


def room_json(facts: RoomFacts, here: int, band: str | None = None) -> dict[str, Any]:
    """A room as the protocol shows it; `band` tells how far away it is from who asks."""
    place: dict[str, Any] | None = None
    if facts.place:
        place = {
            "radius_m": facts.place.radius_m,
            "bets_need_presence": facts.bets_need_presence,
        }
        if band:
            place["band"] = band
    return {
        "code": facts.code,
        "title": facts.title,
        "club": facts.club,
        "visibility": facts.visibility,
        "status": "live" if facts.is_live else "ended",
        "host": {"id": facts.host_id, "nickname": facts.host_nickname},
        "capacity": facts.capacity,
        "hosts_may_bet": facts.hosts_may_bet,
        "here": here,
        "open_markets": facts.open_markets,
        "place": place,
        "created_at_ms": facts.created_at_ms,
    }


def room_frame(facts: RoomFacts, here: int) -> str:
    """The room, told whenever it changes."""
    return encode({"type": "room", "room": room_json(facts, here)})


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
