"""Keys for programs: made and ended by those who host a room, and judged at each use.

A key does nothing that its maker may not do: it is over with the maker's role, sign-ins or account.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.auth import bans
from accounts.models import User
from rooms import access, acts
from rooms.models import Club, Room, RoomAct, RoomKey
from web import limits
from web.parsing import malformed, tidy
from web.refusals import Refused
from web.times import DAY_MS, now_ms

# Also tells a key from the code of a screen's link.
PREFIX = "rk_"
RIGHTS: list[str] = RoomKey.Right.values
# Whoever may do one of these sees what those who run the room see.
_RUNNING = {"ask", "lock", "settle"}
_USE_NOTED_EVERY_MS = 10_000


def offer(
    by: User, room: Room, *, name: str, rights: Sequence[str], days: int
) -> tuple[RoomKey, str]:
    """Make a key for a room; its text is told once and kept as a hash.

    Raises Refused: too_fast, room_ended, forbidden, malformed.
    """
    limits.check("keys_made", by.pk)
    access.require(room, by, "offer_key")
    with transaction.atomic():
        # One at a time in a room, so that two cannot both be the last one.
        if not Room.objects.select_for_update().get(pk=room.pk).is_live:
            raise Refused("room_ended")
        if len(offered(room)) >= limits.KEYS_PER_ROOM_MAX:
            raise Refused("forbidden", _("This room has as many keys as it may. End one first."))
        made = make(by, room, name=name, rights=rights, days=days)
        acts.record(room.pk, RoomAct.What.OFFER_KEY, by=by, detail=made[0].name)
    return made


def make(
    by: User, of: Room | Club, *, name: str, rights: Sequence[str], days: int
) -> tuple[RoomKey, str]:
    """Make a key for a room, or for all rooms of a club. Raises Refused: malformed."""
    if not rights or not set(rights) <= set(RIGHTS):
        raise malformed("rights")
    if not 1 <= days <= limits.KEY_DAYS_MAX:
        raise malformed("days")
    text, at_ms = PREFIX + secrets.token_urlsafe(32), now_ms()
    key = RoomKey.objects.create(
        name=tidy(name, "name", most=limits.KEY_NAME_CHARACTERS_MAX),
        room=of if isinstance(of, Room) else None,
        club=of if isinstance(of, Club) else None,
        digest=_digest(text),
        rights=[right for right in RIGHTS if right in rights],
        by=by,
        made_at_ms=at_ms,
        expires_at_ms=at_ms + days * DAY_MS,
    )
    return key, text


@transaction.atomic
def end(by: User, room: Room, key_id: int) -> None:
    """End a key of a room; again does nothing. Raises Refused: forbidden, not_found."""
    access.require(room, by, "offer_key")
    key = RoomKey.objects.filter(pk=key_id, room=room).first()
    if key is None:
        raise Refused("not_found")
    if RoomKey.objects.filter(pk=key_id, ended_at_ms=None).update(ended_at_ms=now_ms()):
        acts.record(room.pk, RoomAct.What.END_KEY, by=by, detail=key.name)


def offered(room: Room) -> list[RoomKey]:
    """The keys of a room that are not over, the newest first."""
    standing = RoomKey.objects.filter(room=room, ended_at_ms=None, expires_at_ms__gt=now_ms())
    return list(standing.order_by("-pk"))


def find(text: str) -> RoomKey | None:
    """The key of this text, over or not."""
    found = RoomKey.objects.filter(digest=_digest(text)).select_related("by", "room", "club")
    return found.first() if text.startswith(PREFIX) else None


def opens(key: RoomKey, room_id: int, club_id: int) -> bool:
    """Whether a key is for this room, or for all rooms of its club."""
    return key.room_id == room_id if key.club_id is None else key.club_id == club_id


def is_good(key: RoomKey) -> bool:
    """Whether a key still opens anything: not ended, in time, and its maker may make such keys."""
    by = key.by
    if key.ended_at_ms is not None or key.expires_at_ms <= now_ms():
        return False
    # A maker who signs out everywhere, or chooses another password, leaves no key behind.
    if key.made_at_ms <= (by.signed_out_at_ms or 0) or not bans.may_act(by):
        return False
    if key.room is not None:
        return access.may(key.room, by, "offer_key")
    return by.is_staff and by.has_perm("rooms.change_room")


def over(key_ids: Collection[int]) -> set[int]:
    """Those of these keys that open nothing any more."""
    found = RoomKey.objects.filter(pk__in=key_ids).select_related("by", "room")
    return set(key_ids) - {key.pk for key in found if is_good(key)}


def runs_questions(key: RoomKey) -> bool:
    """Whether a key sees drafts and hidden figures."""
    return not _RUNNING.isdisjoint(key.rights)


def note_use(key: RoomKey) -> None:
    """Keep when a key was last used, to ten seconds."""
    at_ms = now_ms()
    if key.used_at_ms < at_ms - _USE_NOTED_EVERY_MS:
        RoomKey.objects.filter(pk=key.pk).update(used_at_ms=at_ms)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
