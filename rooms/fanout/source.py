"""The interface that an app above registers with the hub: the frames that rooms are sent."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from rooms.facts import RoomFacts
from rooms.fanout.conflation import Pools


@dataclass(frozen=True, slots=True)
class Touch:
    """A change for these users; `why` is a word they are told, the market may be unknown.

    With `seqs`, epoch and seq for each user, the sockets that know as much already are left out.
    """

    user_ids: list[int]
    why: str
    market_id: int | None = None
    seqs: list[tuple[int, int]] | None = None

    def __add__(self, later: "Touch") -> "Touch":
        """One for both, of the same kind of change."""
        seqs = self.seqs + later.seqs if self.seqs and later.seqs else None
        return replace(self, user_ids=self.user_ids + later.user_ids, seqs=seqs)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame for one user, encoded; a slot keeps only the newest."""

    text: str
    slot: Hashable | None = None


@dataclass(frozen=True, slots=True)
class RoomFrame:
    """A frame for everybody in a room, sent only where its slot has not seen this version.

    `touches_all`: where it is news, the holdings of each user here are read anew, too.
    `hosts_text` goes to those who run the room in place of `text`, which may then be empty: the
    others are sent nothing. A frame that holds a sentence has it in other languages, too.
    """

    room_id: int
    text: str
    slot: str
    version: int
    touches_all: bool = False
    hosts_text: str | None = None
    translations: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """What the hub asks of the app above."""

    async def touched(self, room_id: int, touches: list[Touch]) -> dict[int, list[Frame]]:
        """Frames for each touched user; one call to the store behind it."""

    async def news(self, rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
        """The present state of what these rooms show; the hub drops frames that it sent before.

        Rooms of which nothing can be read are left out, and asked about again the next time.
        """
