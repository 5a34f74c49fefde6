"""The socket of a room: admission, the welcome, and the messages of members.

An app above extends `RoomConsumer` with its own messages.
"""

import uuid
from collections.abc import Hashable
from typing import Any, ClassVar

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.sockets.connection import Connection
from accounts.sockets.frames import encode, error_frame
from accounts.sockets.socket import NotAdmitted, Socket
from rooms import access, chat, codes
from rooms.facts import RoomFacts
from rooms.fanout.hub import get_hub
from rooms.greeting import Greeting
from rooms.messages import (
    ChatSay,
    Hello,
    Notice,
    Ping,
    Pong,
    RoomEvent,
    RoomMessage,
    RoomWelcome,
    You,
    room_shape,
)
from rooms.models import Membership
from rooms.people import returning
from web import limits
from web.close_codes import Close
from web.refusals import Refused
from web.server.wire import Wire
from web.threads import read_sql
from web.times import now_ms

_CODE_OF_CLOSE = {"room_ended": Close.ENDED, "forbidden": Close.SENT_AWAY}


class RoomConsumer(Socket):
    """A connection of one user to one room."""

    inbound: ClassVar[Any] = RoomMessage
    outbound: ClassVar[Any] = RoomWelcome | RoomEvent

    room: RoomFacts
    role: str
    shown_as: str
    muted_until_ms: int

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.socket_id = uuid.uuid4().hex
        self._greeting = Greeting(self._welcome, self._give_up)
        self._chat = limits.bucket("chat")

    # --- What an app above extends

    async def welcome(self) -> RoomWelcome:
        """The snapshot that answers `hello`; bounded in size."""
        here = get_hub().here(self.room.id)
        return RoomWelcome(
            you=You(self.visitor.user_id, self.shown_as, self.role, self.is_muted),
            room=room_shape(self.room, here),
            here=here,
            chat=await chat.welcome_lines(self.room.id),
            now_ms=now_ms(),
        )

    async def heard(self, message: Any) -> None:
        """Act on one message after `hello`; a Refused that is raised is told as an `error`."""
        if isinstance(message, Ping):
            self.send(encode(Pong(message.t, now_ms())))
        elif isinstance(message, ChatSay):
            text = chat.tidy(message.text)
            speaker = chat.Speaker(self.visitor.user_id, self.shown_as, self.role, self.is_muted)
            chat.check(speaker, self.room.chat_mode, text)
            if wait_s := self._chat.take():
                raise Refused("too_fast", retry_after_s=wait_s)
            await chat.say(self.room, speaker, text)

    # --- What the fan-out tells

    is_screen = False
    screen_id = 0
    known_seq = (0, 0)
    key_id = 0
    wire = Wire()

    @property
    def is_muted(self) -> bool:
        return self.muted_until_ms > now_ms()

    @property
    def runs_room(self) -> bool:
        """Whether the user is host or co-host here now."""
        return self.role in access.RUNS_ROOM

    def send(self, frame: str, *, slot: Hashable | None = None) -> None:
        """Send a frame; before `hello` none is kept, because `welcome` will hold it all."""
        if self._greeting.has_begun:
            super().send(frame, slot=slot)

    def stand(self, role: str, muted_until_ms: int, shown_as: str) -> None:
        """Take note of a changed name; of a changed role or mute the user is told, too."""
        self.shown_as = shown_as or self.shown_as
        if (role, muted_until_ms) == (self.role, self.muted_until_ms):
            return
        self.role, self.muted_until_ms = role, muted_until_ms
        with translation.override(self.language):
            self.send(encode(Notice(*access.standing_notice(role, muted_until_ms))))

    # --- As a socket

    @property
    def place(self) -> int:
        """The room's id."""
        return self.room.id

    async def admit(self) -> None:
        """Find the room and make the user a member.

        Raises Refused: not_found, too_fast, busy; or NotAdmitted.
        """
        code = codes.read_code(self.connection.argument("code"))
        visitor = self.connection.visitor
        known = get_hub().crowd.facts(code or "")
        if known and visitor and (back := await returning.find(known, visitor)):
            self.visitor = visitor
            self._stand_in(known, back)
            return
        room = await read_sql(
            access.look_up, code, visitor.user_id if visitor else None, self.connection.address
        )
        await super().admit()
        try:
            present = await read_sql(self._arrive, room)
        except Refused as refused:
            raise _not_admitted(refused) from None
        self._stand_in(room, present)

    def _stand_in(self, room: RoomFacts, present: Membership | returning.Returning) -> None:
        self.room, self.role = room, present.role
        self.shown_as = present.shown_as or self.visitor.nickname
        self.muted_until_ms = present.muted_until_ms

    def _arrive(self, room: RoomFacts) -> Membership:
        present = access.arrive(room.id, self.visitor.user_id)
        if returning.was_guessing(room, present):
            codes.give_back_tries(room.id, self.connection.address)
        return present

    def joined(self) -> None:
        """Take part in the fan-out, and wait for hello."""
        get_hub().join(self)
        self._greeting.expect()

    def parted(self) -> None:
        """Leave the fan-out."""
        self._greeting.stop()
        get_hub().part(self)

    async def received(self, message: Any) -> None:
        """Answer hello; other messages before it are malformed."""
        if isinstance(message, Hello):
            if not self.is_screen:
                # It is sent every frame; a screen's `send` leaves some out.
                self.wire = self.connection.wire
            await self._greeting.hello()
        elif not self._greeting.has_begun:
            raise Refused("malformed", _("Say hello first."))
        else:
            await self.heard(message)

    async def _welcome(self) -> None:
        # From here on events are kept, and sent after the snapshot they may be newer than.
        self.writer.hold()
        try:
            snapshot = await self.welcome()
        except Refused as refused:
            self.shut(Close.BYE, refused.code, error_frame(refused, None))
            return
        self.writer.release(encode(snapshot))

    def _give_up(self, why: str) -> None:
        self.shut(Close.BYE, why)


def _not_admitted(refused: Refused) -> Exception:
    """The close of a socket whose user may not become a member."""
    if code := _CODE_OF_CLOSE.get(refused.code):
        return NotAdmitted(code, refused.detail.get("why", ""))
    if refused.status == 503:
        return refused
    return NotAdmitted(Close.BYE, refused.code, error_frame(refused, None))
