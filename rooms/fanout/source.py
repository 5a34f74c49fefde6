"""What an app above registers with the hub: what is told, without rooms knowing what it is."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from rooms.facts import RoomFacts
from rooms.fanout.conflation import Pools


@dataclass(frozen=True, slots=True)
class Touch:
    """Something of these users changed; `why` is a word for them, the market may be unknown."""

    user_ids: list[int]
    why: str
    market_id: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame for one user, encoded; a slot keeps only the newest."""

    text: str
    slot: Hashable | None = None


@dataclass(frozen=True, slots=True)
class RoomFrame:
    """A frame for everybody in a room, told only where its slot has not seen this version.

    `touches_all`: where it is news, what each user here holds is read anew too.
    """

    room_id: int
    text: str
    slot: str
    version: int
    touches_all: bool = False


class Source(Protocol):
    """What the app above tells when it is asked."""

    async def touched(self, room_id: int, touches: list[Touch]) -> dict[int, list[Frame]]:
        """Frames for each touched user; one call to the store behind it."""

    async def news(self, rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
        """The present state of what these rooms show; the hub drops what was told before."""
