"""Seats: a link that makes the first user who opens it a co-host, within ten minutes."""

import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from rooms import access, acts
from rooms.models import Membership, Room, RoomAct, RoomSeat
from web import limits
from web.refusals import Refused
from web.times import now_ms

SEAT_MS = 10 * 60_000
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Offered:
    """A seat that was just made; its token is told once and kept as a hash."""

    token: str
    expires_at_ms: int


def offer(by: User, room: Room, role: str) -> Offered:
    """Offer a seat with a role. Raises Refused: too_fast, room_ended, forbidden."""
    limits.check("seats", by.pk)
    if not room.is_live:
        raise Refused("room_ended")
    access.require(room, by, "offer_seat")
    token, expires_at_ms = secrets.token_urlsafe(_TOKEN_BYTES), now_ms() + SEAT_MS
    with transaction.atomic():
        RoomSeat.objects.create(
            room=room, role=role, by=by, digest=_digest(token), expires_at_ms=expires_at_ms
        )
        acts.record(room.pk, RoomAct.What.OFFER_SEAT, by=by, detail=role)
    return Offered(token, expires_at_ms)


@transaction.atomic
def take(user: User, token: str) -> Membership:
    """Take a seat; the same user may ask again until it expires, and gets the same.

    Somebody whose role is as high or higher keeps it, and the seat stays free. Raises Refused:
    not_found, expired, forbidden (somebody else has it, or banned), room_ended.
    """
    seat = RoomSeat.objects.select_for_update().filter(digest=_digest(token)).first()
    if seat is None:
        raise Refused("not_found", _("This link leads to no seat."))
    if seat.taken_by_id not in (None, user.pk):
        raise Refused("forbidden", _("Somebody else has opened this link. Ask for a new one."))
    if seat.expires_at_ms <= now_ms():
        raise Refused("expired", _("This link has expired. Ask for a new one."))
    present = access.enter_seated(user, seat.room)
    if seat.taken_by_id == user.pk or access.RANKS[present.role] >= access.RANKS[seat.role]:
        return present
    seat.taken_by = user
    seat.save(update_fields=["taken_by"])
    present.role, present.role_given_here, present.changed_at_ms = seat.role, True, now_ms()
    present.save(update_fields=["role", "role_given_here", "changed_at_ms"])
    acts.record(seat.room_id, RoomAct.What.TAKE_SEAT, by=user, of=seat.by, detail=seat.role)
    return present


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
