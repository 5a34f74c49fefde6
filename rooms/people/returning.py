"""Members who come back to a room with sockets here, found by one read for all who do at once.

Everybody else goes the whole way through `access`.
"""

from typing import NamedTuple

from accounts.handshake.middleware import Visitor
from rooms.facts import RoomFacts
from rooms.models import Membership, Room
from rooms.names import fits
from web.gathering import Gathering
from web.threads import read_sql
from web.times import now_ms

AT_MOST = 200
NEW_FOR_MS = 60_000

_Asked = tuple[int, int]


class Returning(NamedTuple):
    """What a socket needs to know of its user's membership."""

    role: str
    shown_as: str
    muted_until_ms: int
    entered_at_ms: int


async def find(room: RoomFacts, visitor: Visitor) -> Returning | None:
    """The membership of a user for whom nothing is to be written, else None.

    That is: the room is live, and the user in it under their present nickname. Raises Refused:
    busy, unavailable.
    """
    if not room.is_live:
        return None
    found = await _memberships.ask((room.id, visitor.user_id))
    if found is None or was_guessing(room, found) or not fits(found.shown_as, visitor.nickname):
        return None
    return found


def was_guessing(room: RoomFacts, present: "Membership | Returning") -> bool:
    """Whether finding the room may have cost the user's address tries, which it gets back."""
    is_new = present.entered_at_ms > now_ms() - NEW_FOR_MS
    return is_new and room.visibility == Room.Visibility.UNLISTED


def _read(asked: list[_Asked]) -> dict[_Asked, Returning]:
    present = Membership.objects.filter(
        room__in={room_id for room_id, _ in asked}, user__in={user_id for _, user_id in asked},
        state=Membership.State.IN, skeleton__isnull=False, shown_as__isnull=False,
    )  # fmt: skip
    rows = present.values_list("room_id", "user_id", *Returning._fields)
    return {(room_id, user_id): Returning(*row) for room_id, user_id, *row in rows}


async def _find(asked: list[_Asked]) -> list[Returning | None]:
    found = await read_sql(_read, asked)
    return [found.get(one) for one in asked]


_memberships = Gathering(_find, AT_MOST)
