"""/api/rooms/{code}/chat/: reading, saying and deleting lines."""

from typing import ClassVar

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from rooms import access, chat, live
from rooms.api.room_view import RoomView
from rooms.facts import facts_of
from rooms.keys.key_authentication import counted
from rooms.messages import Line
from rooms.people import lines
from web import limits
from web.contract.descriptions import described
from web.contract.fields import ChatText, OptionalReason
from web.negotiation import respond
from web.parsing import Message, parse, tidy
from web.refusals import Refused
from web.times import now_ms


class LineAsk(Message, frozen=True):
    text: ChatText


class GoneAsk(Message, frozen=True):
    """Deleting a line."""

    reason: OptionalReason = ""


class Lines(msgspec.Struct):
    results: list[Line]
    next: str | None


class Chat(RoomView):
    key_rights: ClassVar[dict[str, str]] = {"GET": "chat", "POST": "chat"}

    @described(answers={200: Lines}, refuses=("not_member",))
    def get(self, request: Request, code: str) -> Response:
        """The last 100 lines, newest first; for members."""
        room = self.room(code)
        access.member(room, user_of(request))
        said = chat.recent_by_request(room.pk, live.TAIL_LINES)
        return respond(Lines(said, None))

    @described(asks=LineAsk, answers={201: Line}, refuses=("not_member", "muted", "room_ended"))
    def post(self, request: Request, code: str) -> Response:
        """Say something to everybody in the room, as far as the chat is on."""
        text = chat.tidy(parse(request.data, LineAsk).text)
        room, user = self.room(code), user_of(request)
        limits.check("chat", counted(request))
        if not room.is_live:
            raise Refused("room_ended")
        standing = access.member(room, user)
        speaker = chat.Speaker(
            user_id=user.pk,
            name=standing.shown_as or user.nickname,
            role=standing.role,
            is_muted=standing.muted_until_ms > now_ms(),
        )
        chat.check(speaker, room.chat_mode, text)
        return respond(chat.say_by_request(facts_of(room), speaker, text), 201)


class OneLine(RoomView):
    @described(asks=GoneAsk, answers={204: None})
    def delete(self, request: Request, code: str, line_id: str) -> Response:
        """Delete a line from every page; the log keeps it with who and why. May be repeated."""
        ask = parse(request.data, GoneAsk)
        reason = tidy(ask.reason, "reason", most=limits.REASON_CHARACTERS_MAX, least=0)
        lines.delete(user_of(request), self.room(code), line_id, reason)
        return Response(status=204)
