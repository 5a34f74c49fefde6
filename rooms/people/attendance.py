"""When those who run a room were there last; kept in SQL, so that no restart forgets it."""

from collections.abc import Collection

from rooms import live
from rooms.access import RUNS_ROOM
from rooms.models import Membership, Room

WRITTEN_EVERY_MS = 60_000


def last_attended(rooms: Collection[Room], at_ms: int) -> dict[int, int]:
    """For each room the last sign of somebody who runs it, 0 where none is known.

    A sign counts as of now at the latest. Raises LiveAway.
    """
    attended = {room.pk: room.attended_at_ms for room in rooms}
    runners = Membership.objects.filter(
        room__in=attended, role__in=RUNS_ROOM, state=Membership.State.IN
    )
    pairs = list(runners.values_list("room_id", "user_id"))
    for (room_id, _user_id), at_s in zip(pairs, live.last_signs(pairs), strict=True):
        sign_ms = min(at_ms, round(1000 * at_s))
        if sign_ms >= attended[room_id] + WRITTEN_EVERY_MS:
            Room.objects.filter(pk=room_id).update(attended_at_ms=sign_ms)
        attended[room_id] = max(attended[room_id], sign_ms)
    return attended
