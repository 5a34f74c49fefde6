"""Clubs: making one, belonging to it, and what each role may do.

Everybody may play in the main club, which has no members of its own. Roles of a club count in its
rooms: its owner is co-host there, its moderators are moderators.
"""

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts import forgetting
from accounts.models import User
from rooms import acts, capacity_hooks, codes
from rooms.models import MAIN_CLUB, Club, ClubMembership, Membership, Room, RoomAct
from web import limits
from web.refusals import Refused
from web.times import now_ms

ClubRole, Role = ClubMembership.Role, Membership.Role
IN_ROOMS: dict[str, str] = {
    ClubRole.OWNER: Role.COHOST,
    ClubRole.MODERATOR: Role.MODERATOR,
    ClubRole.MEMBER: Role.PLAYER,
}
_TRIES = 5
_SLUG_CHARACTERS = 30


def main() -> Club:
    """The club of everybody."""
    return Club.objects.get(slug=MAIN_CLUB)


def find(slug: str) -> Club:
    """The club of a slug. Raises Refused: not_found."""
    found = Club.objects.filter(slug=slug).first()
    if found is None:
        raise Refused("not_found")
    return found


def role_in(user: User | None, club: Club) -> str | None:
    """The role of a user in a club; None for a stranger, and for everybody in the main club."""
    if user is None:
        return None
    roles = ClubMembership.objects.filter(club=club, user=user).values_list("role", flat=True)
    return roles.first()


# --- Making and changing


def may_make(user: User | None) -> bool:
    """Whether a user may make clubs: operators, and registered users where the house lets them."""
    if user is None:
        return False
    is_host = settings.HOSTS_MAY_MAKE_CLUBS and not user.is_guest
    return is_host or (user.is_staff and user.has_perm("rooms.add_club"))


def make(owner: User, title: str, *, key: UUID | None = None) -> Club:
    """Make a club and its first member, the owner.

    A key that the owner used before returns its club, and counts under no limit. Raises Refused:
    forbidden, too_fast, busy (no space for more).
    """
    if there := _by_key(owner, key):
        return there
    if not may_make(owner):
        raise Refused("forbidden")
    forgetting.refuse_asked(owner.pk)
    capacity_hooks.require("room", main().pk)
    limits.check("clubs", owner.pk)
    for number in range(_TRIES):
        club = Club(owner=owner, title=title, slug=_slug(title, is_free=number == 0), key=key)
        try:
            with transaction.atomic():
                club.save(force_insert=True)
                _add(owner, club, ClubRole.OWNER)
        except IntegrityError:
            # The slug is taken, or the same request arrived twice at once.
            if there := _by_key(owner, key):
                return there
            continue
        return club
    raise Refused("busy")


def _by_key(owner: User, key: UUID | None) -> Club | None:
    return Club.objects.filter(owner=owner, key=key).first() if key else None


def _slug(title: str, *, is_free: bool) -> str:
    """A word for addresses from the title, with a code behind it where that word is taken."""
    word = slugify(title)[:_SLUG_CHARACTERS].strip("-")
    code = codes.new_code().lower()
    return word if is_free and word else f"{word or 'club'}-{code}"


def may_run(user: User | None, club: Club) -> bool:
    """Whether a user may change a club and the roles in it: its owner, and operators."""
    return _may_run(user, role_in(user, club))


def _may_run(user: User | None, role: str | None) -> bool:
    is_operator = user is not None and user.is_staff and user.has_perm("rooms.change_club")
    return is_operator or role == ClubRole.OWNER


def require_may_run(user: User, club: Club) -> None:
    """Raises Refused: forbidden, for a user who does not run the club."""
    if not may_run(user, club):
        raise Refused("forbidden")


# --- Members


def join(user: User, club: Club, *, is_held: bool = False) -> str:
    """Make a user who enters a room a member of its club; returns the role in the club's rooms.

    A role that is held changes only after the caller's transaction, and then in the room, too.
    """
    if club.slug == MAIN_CLUB:
        return Role.PLAYER
    return IN_ROOMS[_add(user, club, ClubRole.MEMBER, is_held=is_held).role]


def role_in_rooms(user: User, club: Club) -> str:
    """The role that the club gives a user in its rooms, where none is given there."""
    return IN_ROOMS[role_in(user, club) or ClubRole.MEMBER]


def _add(user: User, club: Club, role: str, *, is_held: bool = False) -> ClubMembership:
    rows = ClubMembership.objects.select_for_update() if is_held else ClubMembership.objects
    found, _is_new = rows.get_or_create(
        club=club, user=user, defaults={"role": role, "joined_at_ms": now_ms()}
    )
    return found


@transaction.atomic
def leave(user: User, club: Club) -> list[int]:
    """End the membership of a user, and what its role gave in live rooms; coins stay.

    Returns the rooms whose sockets must hear. Repeating it does nothing. Raises Refused: forbidden,
    for the owner.
    """
    own = club.memberships.select_for_update().filter(user=user).first()
    if own is None:
        return []
    if own.role == ClubRole.OWNER:
        raise Refused("forbidden")
    room_ids = _set_role(user, own, ClubRole.MEMBER)
    own.delete()
    return room_ids


def may_open_rooms(user: User, club: Club, role: str | None) -> bool:
    """Whether a user of a role may open rooms in a club: in the main one everybody."""
    if club.slug == MAIN_CLUB or _may_run(user, role) or role == ClubRole.MODERATOR:
        return True
    return role is not None and club.members_may_open_rooms


def require_may_open_rooms(user: User, club: Club) -> None:
    """Raises Refused: forbidden, for a user who may open no rooms in the club."""
    if not may_open_rooms(user, club, role_in(user, club)):
        raise Refused("forbidden")


@transaction.atomic
def give_role(by: User, club: Club, user_id: int, role: str) -> tuple[ClubMembership, list[int]]:
    """Make a member of a club moderator or member; returns the row and the rooms to be told.

    It counts at once in the live rooms of the club where the member is, and their logs tell it; in
    others when the member comes back, untold. Repeating it changes nothing. Raises Refused:
    forbidden, not_found (no member).
    """
    require_may_run(by, club)
    of = club.memberships.select_for_update().filter(user=user_id).first()
    if of is None:
        raise Refused("not_found")
    if of.role == ClubRole.OWNER:
        raise Refused("forbidden")
    return of, _set_role(by, of, role)


@transaction.atomic
def give_to(by: User, club: Club, owner: User | None) -> list[int]:
    """Make a user the owner of a club, and the one before a member; returns rooms as give_role.

    The caller has asked whether `by` may.
    """
    room_ids = []
    before = club.memberships.select_for_update().filter(role=ClubRole.OWNER)
    for of in before.exclude(user=owner):
        room_ids += _set_role(by, of, ClubRole.MEMBER)
    if owner is not None:
        of = _add(owner, club, ClubRole.MEMBER, is_held=True)
        room_ids += _set_role(by, of, ClubRole.OWNER)
    return room_ids


def _set_role(by: User, of: ClubMembership, role: str) -> list[int]:
    """Write a role, also in the live rooms where the user is, and has the role of the club."""
    if of.role == role:
        return []
    before, now = IN_ROOMS[of.role], IN_ROOMS[role]
    of.role = role
    of.save(update_fields=["role"])
    live_rooms = Room.objects.filter(club=of.club_id, status=Room.Status.LIVE)
    in_rooms = Membership.objects.filter(user=of.user_id, room__in=live_rooms)
    # Read first, so that the rows of the rooms are not held, too.
    held = Membership.objects.select_for_update().filter(
        pk__in=list(in_rooms.values_list("pk", flat=True)),
        role=before, role_given_here=False, state=Membership.State.IN,
    )  # fmt: skip
    room_ids = []
    for present in held:
        room_ids.append(present.room_id)
        present.role, present.changed_at_ms = now, now_ms()
        present.save(update_fields=["role", "changed_at_ms"])
        what = RoomAct.What(f"make_{now}")
        acts.record(present.room_id, what, by=by, of=of.user, detail=f"{before} → {now}")
    return room_ids


def forget(user: User) -> None:
    """End all memberships of a user; clubs of their own are left to the operators."""
    ClubMembership.objects.filter(user=user).delete()
    Club.objects.filter(owner=user).update(owner=None)
