"""/api/rooms/{code}/keys/: keys for programs, made and ended by those who host the room."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from rooms import access
from rooms.api.room_view import RoomView
from rooms.fanout import hub
from rooms.keys import narrow_keys
from web import limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Message, parse

Right = Literal["read", "figures", "ask", "lock", "settle", "chat"]
_LENGTHS = {"minLength": 1, "maxLength": limits.KEY_NAME_CHARACTERS_MAX, "format": "line"}
KeyName = Annotated[str, Meta(extra_json_schema=_LENGTHS, examples=["Overlay"])]


class KeyAsk(Message, frozen=True):
    """A new key: what it is for, what it may, and how many days."""

    name: KeyName
    rights: Annotated[list[Right], Meta(min_length=1)]
    days: Annotated[int, Meta(ge=1, le=limits.KEY_DAYS_MAX)] = 30


class KeyOffer(msgspec.Struct):
    """A key, and its text, which is told this once."""

    id: int
    key: str


class KeyShape(msgspec.Struct):
    """A key as its room lists it; `used_at_ms` is 0 until its first use."""

    id: int
    name: str
    rights: list[str]
    made_at_ms: int
    expires_at_ms: int
    used_at_ms: int


class KeyList(msgspec.Struct):
    results: list[KeyShape]


class Keys(RoomView):
    @described(answers={200: KeyList})
    def get(self, request: Request, code: str) -> Response:
        """The keys that are not over, newest first, without their texts."""
        room = self.room(code)
        access.require(room, user_of(request), "offer_key")
        shown = [
            KeyShape(
                id=key.pk,
                name=key.name,
                rights=key.rights,
                made_at_ms=key.made_at_ms,
                expires_at_ms=key.expires_at_ms,
                used_at_ms=key.used_at_ms,
            )  # fmt: skip
            for key in narrow_keys.offered(room)
        ]
        return respond(KeyList(shown))

    @described(asks=KeyAsk, answers={201: KeyOffer}, refuses=("room_ended",))
    def post(self, request: Request, code: str) -> Response:
        """Make a key for this room, in one's own name."""
        ask = parse(request.data, KeyAsk)
        key, text = narrow_keys.offer(
            user_of(request), self.room(code), name=ask.name, rights=ask.rights, days=ask.days
        )
        return respond(KeyOffer(key.pk, text), 201)


class OneKey(RoomView):
    @described(answers={204: None})
    def delete(self, request: Request, code: str, key_id: int) -> Response:
        """End a key: it opens nothing at once, and its sockets close; again does nothing."""
        room = self.room(code)
        narrow_keys.end(user_of(request), room, key_id)
        hub.post_recheck(room.pk)
        return Response(status=204)
