"""The crowd: the sockets of this process by room, and how frames are handed to them."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from rooms.facts import RoomFacts
from web.close_codes import Close
from web.server.text_frames import text_frame

if TYPE_CHECKING:
    from accounts.handshake.middleware import Visitor
    from rooms.fanout.source import Touch
    from web.server.wire import Wire


class Reader(Protocol):
    """A socket as the fan-out sees it. None of its methods waits."""

    visitor: Visitor
    room: RoomFacts
    socket_id: str
    # Epoch and seq of the newest change of its user's that its client was told in an answer.
    known_seq: tuple[int, int]
    # Of one who has said hello and is sent every frame; another's never writes.
    wire: Wire

    @property
    def language(self) -> str:
        """The language in which the user reads."""

    @property
    def runs_room(self) -> bool:
        """Whether the user is host or co-host here now."""

    @property
    def is_screen(self) -> bool:
        """Whether it is a screen, which counts as nobody."""

    @property
    def screen_id(self) -> int:
        """The link of a screen; 0 without one."""

    @property
    def key_id(self) -> int:
        """The key that a program reads by; 0 without one."""

    def send(self, frame: str, *, slot: Hashable | None = None) -> None:
        """Send a frame; a slot keeps only its newest."""

    def shut(self, code: Close, reason: str, *last_frames: str) -> None:
        """Close after the last frames; what waits is dropped."""

    def stand(self, role: str, muted_until_ms: int, shown_as: str) -> None:
        """Take note of the user's changed role, mute or name; an empty name is no news."""


@dataclass(slots=True)
class RoomHere:
    """A room with sockets in this process."""

    facts: RoomFacts
    readers: dict[Reader, None] = field(default_factory=dict)
    users: dict[int, list[Reader]] = field(default_factory=dict)
    # Slot -> the largest version sent here.
    told: dict[str, int] = field(default_factory=dict)
    people: int = 0
    # Whether no other process has sockets of the room; when another one last told of itself.
    is_alone: bool = False
    company_at_s: float = 0.0
    # User -> until when the user counts as having sockets in other processes, too.
    elsewhere: dict[int, float] = field(default_factory=dict)

    def unknowing(self, touch: Touch) -> list[int]:
        """The touched users with a socket here that does not know as much already."""
        if touch.seqs is None:
            return [user_id for user_id in touch.user_ids if user_id in self.users]
        return [
            user_id
            for user_id, seq in zip(touch.user_ids, touch.seqs, strict=True)
            if any(reader.known_seq < seq for reader in self.users.get(user_id, ()))
        ]

    def elsewhere_of(self, touch: Touch) -> Touch | None:
        """What other processes must be told of a touch: users with sockets there, or none here."""
        if self.is_alone:
            return None
        now_s = time.monotonic()
        far = [
            number
            for number, user_id in enumerate(touch.user_ids)
            if user_id not in self.users or self.elsewhere.get(user_id, 0) > now_s
        ]
        seqs = touch.seqs and [touch.seqs[number] for number in far]
        user_ids = [touch.user_ids[number] for number in far]
        return replace(touch, user_ids=user_ids, seqs=seqs) if far else None


class Crowd:
    """All sockets of one event loop."""

    def __init__(self) -> None:
        self.rooms: dict[int, RoomHere] = {}
        self._by_code: dict[str, RoomHere] = {}

    def add(self, reader: Reader) -> bool:
        """Take a socket in; True when it is the room's first."""
        is_first = reader.room.id not in self.rooms
        here = self.rooms.setdefault(reader.room.id, RoomHere(reader.room))
        self._by_code[here.facts.code] = here
        here.readers[reader] = None
        if not reader.is_screen:
            here.users.setdefault(reader.visitor.user_id, []).append(reader)
        return is_first

    def remove(self, reader: Reader) -> bool:
        """Forget a socket; False when it was forgotten before."""
        here = self.rooms.get(reader.room.id)
        if here is None or reader not in here.readers:
            return False
        del here.readers[reader]
        if not reader.is_screen:
            own = here.users[reader.visitor.user_id]
            own.remove(reader)
            if not own:
                del here.users[reader.visitor.user_id]
        if not here.readers:
            del self.rooms[reader.room.id]
            self._by_code.pop(here.facts.code, None)
        return True

    def facts(self, code: str) -> RoomFacts | None:
        """The facts of a room with sockets here."""
        here = self._by_code.get(code)
        return here.facts if here else None

    def of_user(self, room_id: int, user_id: int) -> list[Reader]:
        """The sockets of a user in a room, the oldest first."""
        here = self.rooms.get(room_id)
        return list(here.users.get(user_id, ())) if here else []

    def count(self, room_id: int) -> int:
        """People in a room: as last counted everywhere, never fewer than have sockets here."""
        here = self.rooms.get(room_id)
        return max(here.people, len(here.users)) if here else 0

    def is_alone(self, room_id: int) -> bool:
        """Whether the sockets of a room are all in this process, as far as known."""
        here = self.rooms.get(room_id)
        return here is not None and here.is_alone

    def is_news(self, room_id: int, slot: str, version: int) -> bool:
        """Whether a version is larger than the last one sent here; False without sockets here."""
        here = self.rooms.get(room_id)
        return here is not None and version > here.told.get(slot, -1)

    def tell(
        self,
        room_id: int,
        text: str,
        slot: str | None = None,
        version: int | None = None,
        *,
        hosts_text: str | None = None,
        translations: Mapping[str, str] | None = None,
    ) -> bool:
        """Hand a frame to every socket of a room; False when it was nothing new.

        With a slot and a version only a larger version than the last is news. Those who run the
        room are sent `hosts_text` where it is given; an empty text is sent to nobody. A reader for
        whose language there is one of `translations` is sent that in place of the text.
        """
        here = self.rooms.get(room_id)
        if here is None:
            return False
        if slot is not None and version is not None:
            if not self.is_news(room_id, slot, version):
                return False
            here.told[slot] = version
        for reader in tuple(here.readers):
            own = text if hosts_text is None or not reader.runs_room else hosts_text
            if translations:
                own = translations.get(reader.language, own)
            if not own:
                continue
            if write := reader.wire.write:
                write(text_frame(own))
            else:
                reader.send(own, slot=slot)
        return True
