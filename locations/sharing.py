"""Sharing of positions with a room: nothing, until a user chooses a level, and for a while."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from locations import live
from locations.fixes import grid
from locations.fixes.plausibility import State, is_live
from locations.messages import (
    SHARING_MINUTES_MAX,
    CellShape,
    CountShape,
    MapAnswer,
    MapPlaceShape,
    PersonShape,
    PointShape,
    SharingShape,
)
from locations.models import Sharing
from rooms import access
from rooms import live as rooms_live
from rooms.models import Membership, Room
from rooms.names import names_of
from web import limits
from web.refusals import Refused
from web.times import now_ms

PEOPLE_MAX = 500
# A cell is shown as long as its user was seen lately, a point only while it is young.
AREA_FOR_MS = 10 * 60_000
Level = Sharing.Level
Pairs = Sequence[tuple[Sharing, State]]


def share(user: User, room: Room, level: str, minutes: int) -> SharingShape:
    """Share a level with a room for some minutes.

    Raises Refused: not_member, room_ended.
    """
    if not room.is_live:
        raise Refused("room_ended")
    until_ms = now_ms() + minutes * 60_000
    with transaction.atomic():
        # A user who leaves at this moment does so before or after: sharing ends in both cases.
        Membership.objects.select_for_update().filter(room=room, user=user).first()
        access.member(room, user)
        Sharing.objects.update_or_create(
            user=user, room=room, defaults={"level": level, "until_ms": until_ms}
        )
    return SharingShape(room=room.code, level=level, until_ms=until_ms)


def stop(user: User) -> None:
    """End sharing with every room."""
    Sharing.objects.filter(user=user).delete()
    live.unmap(user.pk)


def stop_in(user: User, room: Room) -> None:
    """End sharing with a room; of a user who leaves, too: who comes back is asked anew."""
    Sharing.objects.filter(user=user, room=room).delete()


def of(user_id: int) -> list[SharingShape]:
    """The levels that a user shares now, and with which rooms."""
    rows = _in_force().filter(user=user_id).order_by("-pk")
    return [
        SharingShape(room=code, level=level, until_ms=until_ms)
        for code, level, until_ms in rows.values_list("room__code", "level", "until_ms")
    ]


def room_map(user: User, room: Room) -> MapAnswer:
    """The map of a room for one of its members. Raises Refused: not_member, too_fast."""
    access.member(room, user)
    limits.check("maps", f"user:{user.pk}")
    shown = _shown(room)
    states = live.many([row.user_id for row in shown])
    names = names_of(room.pk, [row.user_id for row in shown])
    people = [PersonShape(row.user_id, names[row.user_id], row.level) for row in shown]
    pairs = list(zip(shown, states, strict=True))
    return MapAnswer(
        place=_place(room),
        people=people,
        cells=_cells(pairs),
        points=_points(pairs),
        counts=CountShape(here=rooms_live.here([room.pk])[room.pk], sharing=len(shown)),
    )


def _shown(room: Room) -> Sequence[Sharing]:
    """The users who share with a room now and are still its members."""
    members = Q(user__memberships__room=room, user__memberships__state=Membership.State.IN)
    rows = _in_force().filter(members, room=room)
    return list(rows.order_by("-pk")[:PEOPLE_MAX])


def _in_force() -> QuerySet[Sharing]:
    """Sharing that is valid now; the end of a room ends sharing with it."""
    # Nothing is shown for longer than may be asked for, whatever a wrong clock once wrote.
    most_ms = now_ms() + (SHARING_MINUTES_MAX + 1) * 60_000
    in_force = Sharing.objects.filter(until_ms__gt=now_ms(), until_ms__lte=most_ms)
    return in_force.filter(room__status=Room.Status.LIVE)


def _place(room: Room) -> MapPlaceShape | None:
    if room.place_lat is None or room.place_lon is None or not room.place_radius_m:
        return None
    return MapPlaceShape(
        room.place_lat, room.place_lon, room.place_radius_m, room.bets_need_presence
    )


def _cells(pairs: Pairs) -> list[CellShape]:
    """The cells of users who share an area and were seen lately, without the time."""
    at_ms = now_ms()
    return [
        CellShape(row.user_id, state.area.lat_e7 / 1e7, state.area.lon_e7 / 1e7, grid.CELL_M)
        for row, state in pairs
        if row.level == Level.AREA
        and state.area
        and state.last
        and at_ms - state.last.fix_ms <= AREA_FOR_MS
    ]


def _points(pairs: Pairs) -> list[PointShape]:
    at_ms = now_ms()
    return [
        PointShape(row.user_id, fix.lat, fix.lon, fix.accuracy_m, (at_ms - fix.fix_ms) // 1000)
        for row, state in pairs
        if row.level == Level.EXACT and (fix := state.last) and is_live(fix, at_ms)
    ]
