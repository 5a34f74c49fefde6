"""Screens: links by which a screen reads a room until somebody who runs it ends them."""

import hashlib
import secrets

from django.db import transaction

from accounts.models import User
from rooms import access, acts
from rooms.codes import ALPHABET, read_signs
from rooms.models import Room, RoomAct, RoomScreen
from web import limits
from web.refusals import Refused
from web.times import now_ms

# Short enough to type on a television; 31^10 codes cannot be guessed.
CODE_LENGTH = 10


def offer(by: User, room: Room) -> tuple[RoomScreen, str]:
    """Make a screen; its code is told once and kept as a hash.

    Raises Refused: too_fast, room_ended, forbidden.
    """
    limits.check("screens", by.pk)
    access.require(room, by, "offer_screen")
    if not room.is_live:
        raise Refused("room_ended")
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        screen = RoomScreen.objects.create(
            room=room, by=by, digest=_digest(code), made_at_ms=now_ms()
        )
        acts.record(room.pk, RoomAct.What.OFFER_SCREEN, by=by)
    return screen, code


@transaction.atomic
def end(by: User, room: Room, screen_id: int) -> None:
    """End a screen of a room; again does nothing. Raises Refused: forbidden, not_found."""
    access.require(room, by, "offer_screen")
    screen = RoomScreen.objects.select_for_update().filter(pk=screen_id, room=room).first()
    if screen is None:
        raise Refused("not_found")
    if screen.ended_at_ms is None:
        screen.ended_at_ms = now_ms()
        screen.save(update_fields=["ended_at_ms"])
        acts.record(room.pk, RoomAct.What.END_SCREEN, by=by)


def offered(room: Room) -> list[RoomScreen]:
    """The screens of a room that are not ended, the newest first."""
    return list(RoomScreen.objects.filter(room=room, ended_at_ms=None).order_by("-pk"))


def find(room_id: int, code: str) -> RoomScreen | None:
    """The screen of a room that has this code, ended or not."""
    read = read_signs(code, CODE_LENGTH)
    return RoomScreen.objects.filter(room=room_id, digest=_digest(read)).first() if read else None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
