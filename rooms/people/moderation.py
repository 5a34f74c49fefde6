"""Acts on the members of a room: mute, send away, let back in, give a role.

Each takes hold of the membership first, so that two who act on one person at once take turns, and
each is recorded in the log of the room. What changes nothing is not recorded. All raise Refused:
forbidden, where the role of the one who acts does not suffice.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from rooms import access, acts, clubs
from rooms.models import Membership, RoomAct
from web.refusals import Refused
from web.times import now_ms

Role, State, What = Membership.Role, Membership.State, RoomAct.What
# The largest whole number a browser counts exactly: a mute or ban without an end.
FOR_GOOD_MS = 2**53 - 1


@transaction.atomic
def mute(by: User, of: Membership, until_ms: int, reason: str = "") -> None:
    """Mute a user until a time; 0 lets them speak again."""
    _take(by, of)
    is_muted = of.muted_until_ms > now_ms()
    if of.muted_until_ms == until_ms or not (is_muted or until_ms):
        return
    what = What.MUTE if until_ms else What.UNMUTE
    _change(of, muted_until_ms=until_ms, reason=reason)
    acts.record(of.room_id, what, by=by, of=of.user, detail=_until(until_ms), reason=reason)


@transaction.atomic
def send_away(by: User, of: Membership, *, until_ms: int | None = 0, reason: str = "") -> None:
    """Remove a user (until_ms 0: they may come back) or ban them until then, for good with None.

    Coins and positions stay; bets are paid as for everybody.
    """
    _take(by, of)
    _keep_the_host(of)
    if until_ms == 0:
        if of.state == State.IN:
            _end(of, state=State.REMOVED, reason=reason)
            acts.record(of.room_id, What.REMOVE, by=by, of=of.user, reason=reason)
        return
    if of.state == State.BANNED and of.banned_until_ms == until_ms:
        return
    _end(of, state=State.BANNED, banned_until_ms=until_ms, reason=reason)
    detail = _until(until_ms or 0)
    acts.record(of.room_id, What.BAN, by=by, of=of.user, detail=detail, reason=reason)


@transaction.atomic
def unban(by: User, of: Membership) -> None:
    """Let a removed or banned user come back; for others nothing changes."""
    _take(by, of)
    if of.state in (State.BANNED, State.REMOVED):
        _change(of, state=State.LEFT, banned_until_ms=None, reason="")
        acts.record(of.room_id, What.UNBAN, by=by, of=of.user)


@transaction.atomic
def give_role(by: User, of: Membership, role: str) -> None:
    """Make a member co-host, moderator or player; nobody gives a role as high as their own.

    Raises Refused: not_member.
    """
    _take(by, of)
    _keep_the_host(of)
    access.require(of.room, by, f"make_{role}")
    if of.state != State.IN:
        raise Refused("not_member")
    if of.role != role:
        detail = f"{of.role} → {role}"
        is_own = role != clubs.role_in_rooms(of.user, of.room.club)
        _change(of, role=role, role_given_here=is_own)
        acts.record(of.room_id, What(f"make_{role}"), by=by, of=of.user, detail=detail)


def take_role(of: Membership) -> None:
    """Make a user who is sent away a player, whatever the club gives; the caller saves.

    Raises Refused: forbidden, for the host.
    """
    _keep_the_host(of)
    of.role, of.role_given_here = Role.PLAYER, True


def _take(by: User, of: Membership) -> None:
    of.refresh_from_db(from_queryset=Membership.objects.select_for_update())
    access.require_rank_above(by, of)


def _keep_the_host(of: Membership) -> None:
    # Only an operator may come here. A room keeps its host.
    if of.role == Role.HOST:
        raise Refused("forbidden", _("A room keeps its host. End the room instead."))


def _end(of: Membership, **fields: object) -> None:
    take_role(of)
    _change(of, role=of.role, role_given_here=of.role_given_here, **fields)
    access.tell_left(of.user, of.room)


def _change(of: Membership, **fields: object) -> None:
    for name, value in fields.items():
        setattr(of, name, value)
    of.changed_at_ms = now_ms()
    of.save(update_fields=[*fields, "changed_at_ms"])


def _until(until_ms: int) -> str:
    """How long from now, in minutes; empty for good and for never."""
    if until_ms in (0, FOR_GOOD_MS):
        return ""
    return f"{max(1, round((until_ms - now_ms()) / 60_000))} min"
