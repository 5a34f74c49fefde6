"""Opening, changing and ending a room, as its host does."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import forgetting
from accounts.models import User
from accounts.nicknames import skeleton
from rooms import access, acts, capacity_hooks, clubs, codes
from rooms.facts import with_facts
from rooms.models import Club, Membership, Room, RoomAct
from rooms.names import require_new_title
from web import limits
from web.refusals import Refused
from web.times import now_ms

_TRIES = 5

# Called with a room that ends and the time, in the transaction of it, so both happen or neither.
on_end: list[Callable[[Room, int], None]] = []


class Columns(TypedDict, total=False):
    """What a host says of a room; a place has all of its fields, or None and False."""

    title: str
    visibility: str
    capacity: int
    hosts_may_bet: bool
    official_after_s: int
    unattended_after_s: int
    open_at_most_s: int
    stream_delay_s: int
    chat_mode: str
    evening_public: bool
    place_lat: float | None
    place_lon: float | None
    place_radius_m: int | None
    bets_need_presence: bool


def open_room(
    host: User,
    *,
    key: UUID | None,
    club: Club | None = None,
    by: User | None = None,
    **fields: Unpack[Columns],
) -> Room:
    """Open a room in a club, the main one by default, and make its host a member of both.

    `by` needs the right to open rooms in the club; None stands for an operator. A key that the host
    used before returns its room, whatever has changed, and counts under no limit. Raises Refused:
    forbidden (also a user who is to be forgotten), malformed (another live room of the host looks
    the same), too_fast, busy (no space for more).
    """
    there = _by_key(host, key)
    if there:
        return there
    forgetting.refuse_asked(host.pk)
    club = club or clubs.main()
    if by is not None:
        clubs.require_may_open_rooms(by, club)
    capacity_hooks.require("room", club.pk)
    limits.check("rooms", host.pk)
    for _try in range(_TRIES):
        room = Room(host=host, club=club, key=key, code=codes.new_code(), **fields)
        try:
            with transaction.atomic():
                # One at a time of a host, so that two alike are not opened at once.
                User.objects.select_for_update().get(pk=host.pk)
                if there := _by_key(host, key):
                    return there
                require_new_title(host.pk, fields["title"])
                room.save(force_insert=True)
                clubs.join(host, club)
                Membership.objects.create(
                    room=room, user=host, role=Membership.Role.HOST,
                    shown_as=host.nickname, skeleton=skeleton(host.nickname),
                    entered_at_ms=now_ms(),
                )  # fmt: skip
        except IntegrityError:
            # The code is taken, or the same request arrived twice at once.
            if there := _by_key(host, key):
                return there
            continue
        access.tell_entered(host, room)
        return room
    raise Refused("busy")


def _by_key(host: User, key: UUID | None) -> Room | None:
    if key is None:
        return None
    return with_facts().filter(host=host, key=key).first()


@transaction.atomic
def change_room(room: Room, by: User | None = None, **fields: Unpack[Columns]) -> Room:
    """Change a live room; the same values again change nothing. Raises Refused: room_ended.

    Whether its evening is public may be changed in an ended room, too.
    Two who change it at once take turns; where both named a field the later one stands.
    """
    row = Room.objects.select_for_update().get(pk=room.pk)
    if not row.is_live and fields.keys() != {"evening_public"}:
        raise Refused("room_ended")
    before = {name: getattr(row, name) for name in fields}
    changed = {name: value for name, value in fields.items() if value != before[name]}
    for name, value in fields.items():
        setattr(room, name, value)
        setattr(row, name, value)
    if "title" in changed:
        User.objects.select_for_update().get(pk=row.host_id)
        require_new_title(row.host_id, row.title, of=row.pk)
    if changed:
        row.save(update_fields=[*changed, "title_folded"])
        for what, names in _told_apart(changed):
            detail = ", ".join(f"{name}: {before[name]} → {changed[name]}" for name in names)
            acts.record(room.pk, what, by=by, detail=detail)
    return room


def _told_apart(changed: Collection[str]) -> list[tuple[RoomAct.What, list[str]]]:
    """The changed fields by the act they are recorded as. Where a place lies is not recorded."""
    others = [name for name in changed if name not in ("chat_mode", "place_lat", "place_lon")]
    chat_mode = [name for name in changed if name == "chat_mode"]
    kinds = [(RoomAct.What.CHAT_MODE, chat_mode), (RoomAct.What.CHANGE_ROOM, others)]
    return [(what, names) for what, names in kinds if names]


def end_room(room: Room, by: User | None = None) -> Room:
    """End a room for good; repeating it changes nothing. Raises Refused: market_undecided."""
    with transaction.atomic():
        # Opening a question takes the same row, so that none opens while the room ends.
        row = Room.objects.select_for_update().get(pk=room.pk)
        if row.is_live and row.open_markets:
            raise Refused("market_undecided")
        if row.is_live:
            row.status, row.ended_at = Room.Status.ENDED, datetime.now(UTC)
            row.save(update_fields=["status", "ended_at"])
            acts.record(row.pk, RoomAct.What.END_ROOM, by=by)
            for told in on_end:
                told(row, now_ms())
    room.status, room.ended_at = row.status, row.ended_at
    return room
