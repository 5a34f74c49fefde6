"""The socket of a big screen.

It shows what a stranger may see, even if somebody is signed in on that machine, and is not counted
as present.
"""

from collections.abc import Hashable
from typing import Any, ClassVar

import msgspec

from accounts.handshake.middleware import Visitor
from accounts.sockets.frames import Error, encode
from accounts.sockets.socket import NotAdmitted
from betting.consumers import BetConsumer
from betting.wire.messages import Coming, MarketChanged, Pools, Welcome
from rooms import access, codes
from rooms.facts import RoomFacts
from rooms.keys import narrow_keys
from rooms.messages import Hello, Notice, People, Ping, Pong, Renamed, RoomChanged
from rooms.people import screen_passes, screens
from web import limits
from web.addresses import network
from web.close_codes import Close
from web.refusals import Refused
from web.threads import read_sql

ROLE = "screen"
# How the frames of lines begin: said, or deleted.
_CHAT = '{"type":"chat'
_NOBODY = Visitor(user_id=0, nickname="", sign_in_id="", expires_at_ms=0)
_CLOSES = {"not_found": Close.SIGN_IN, "sign_in": Close.SIGN_IN, "too_fast": Close.TOO_FAST}


class Pass(msgspec.Struct, tag="screen", tag_field="type", rename={"text": "pass"}):
    """Server → screen: what it asks with over HTTP.

    It comes behind `welcome`, and before the close of an ended room.
    """

    text: str


class ScreenConsumer(BetConsumer):
    """A connection of a screen to a room, by the link's code or by the room's alone."""

    inbound: ClassVar[Any] = Hello | Ping
    outbound: ClassVar[Any] = (
        Pass | Welcome | Pools | MarketChanged | Coming | Renamed | RoomChanged | People | Notice
        | Pong | Error
    )  # fmt: skip

    is_screen = True

    async def admit(self) -> None:
        """Find room and link. Raises NotAdmitted, always: a page reads no HTTP status."""
        self.visitor, self.role, self.shown_as, self.muted_until_ms = _NOBODY, ROLE, "", 0
        try:
            self.room, self.screen_id, self.key_id = await read_sql(
                _find, self.connection.argument("code"), self.connection.screen or "",
                self.connection.address,
            )  # fmt: skip
        except Refused as refused:
            reason = "revoked" if refused.code == "sign_in" else "invalid"
            raise NotAdmitted(_CLOSES.get(refused.code, Close.BYE), reason) from None
        if not self.room.is_live:
            raise NotAdmitted(Close.ENDED, "ended", self._pass())

    @property
    def place(self) -> Hashable:  # type: ignore[override]
        """A link or a key has five sockets at most, a room without one five for each address."""
        if self.key_id:
            return self.room.id, f"key:{self.key_id}"
        return self.room.id, self.screen_id or network(self.connection.address)

    async def welcome(self) -> Welcome:
        """The room's snapshot without coins, positions and chat; the pass follows."""
        if not self.key_id:
            self.send(self._pass(), slot="pass")
        welcome = await super().welcome()
        welcome.chat = []
        return welcome

    def send(self, frame: str, *, slot: Hashable | None = None) -> None:
        """Send a frame; what people say to each other is not for the hall."""
        if not frame.startswith(_CHAT):
            super().send(frame, slot=slot)

    def _pass(self) -> str:
        return encode(Pass(screen_passes.seal(self.room.id, self.room.code, self.screen_id)))


def _find(text: str, screen_code: str, address: str) -> tuple[RoomFacts, int, int]:
    """The room, and the number of its link or of a key, 0 without one.

    Raises Refused: not_found, too_fast; sign_in where link or key was ended.
    """
    room = access.look_up(codes.read_code(text), None, address)
    if not screen_code:
        return room, 0, 0
    if screen_code.startswith(narrow_keys.PREFIX):
        return room, 0, _key(room, screen_code, address)
    screen = screens.find(room.id, screen_code)
    if screen is None:
        limits.check_address("code_misses", address)
        raise Refused("not_found")
    if screen.ended_at_ms is not None:
        raise Refused("sign_in", detail={"reason": "revoked"})
    return room, screen.pk, 0


def _key(room: RoomFacts, text: str, address: str) -> int:
    key = narrow_keys.find(text)
    if key is None or not narrow_keys.opens(key, room.id, room.club_id) or "read" not in key.rights:
        limits.check_address("code_misses", address)
        raise Refused("not_found")
    if not narrow_keys.is_good(key):
        raise Refused("sign_in", detail={"reason": "revoked"})
    narrow_keys.note_use(key)
    return key.pk
