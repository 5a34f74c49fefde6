"""Membership and roles: who is in a room and what each may do there is decided here alone."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from accounts import forgetting
from accounts.models import User
from accounts.nicknames import skeleton
from rooms import acts, clubs, live
from rooms.facts import RoomFacts, facts_of, with_facts
from rooms.models import Membership, Room, RoomAct
from rooms.names import fits, free_name
from web import limits
from web.refusals import Refused
from web.times import now_ms

Role, State, _PUBLIC = Membership.Role, Membership.State, Room.Visibility.PUBLIC
# An operator with one of these is no stranger anywhere.
_SEE_ALL_ROOMS = ("rooms.change_room", "betting.change_market")
RANKS: dict[str, int] = {Role.HOST: 3, Role.COHOST: 2, Role.MODERATOR: 1, Role.PLAYER: 0}
# The lowest role for each act; acts on a person need one above theirs. docs/roles.md tells it.
RIGHTS: dict[str, str] = {
    "speak": Role.PLAYER,
    "read_chat": Role.PLAYER,
    "see_members": Role.PLAYER,
    "see_evening": Role.PLAYER,
    "mute": Role.MODERATOR,
    "unmute": Role.MODERATOR,
    "remove": Role.MODERATOR,
    "ban": Role.MODERATOR,
    "unban": Role.MODERATOR,
    "delete_line": Role.MODERATOR,
    "make_player": Role.COHOST,
    "make_moderator": Role.COHOST,
    "make_cohost": Role.HOST,
    "offer_seat": Role.HOST,
    "offer_screen": Role.COHOST,
    "offer_key": Role.HOST,
    "change_room": Role.COHOST,
    "end_room": Role.COHOST,
    "read_acts": Role.COHOST,
    "run_questions": Role.COHOST,
}
# Those that run a room and its questions.
RUNS_ROOM = [role for role, rank in RANKS.items() if rank >= RANKS[RIGHTS["run_questions"]]]

# Called with user and room after a membership begins and is committed, also when a user comes
# back. Each must be repeatable; a Refused that it raises keeps nobody out.
on_enter: list[Callable[[User, Room], None]] = []
# Called with user and room in the transaction that ends a membership, so both happen or neither.
on_leave: list[Callable[[User, Room], None]] = []


# --- Finding a room


def find(code: str | None, user_id: int | None, address: str) -> Room:
    """The room of a code, as codes.read_code gave it, for calls that let in by the code.

    Only strangers guess: a wrong code and an unlisted room that is not theirs cost their address
    the same until they join it; too many hide unlisted rooms. Raises Refused: not_found, too_fast.
    """
    # A code is of one room; to ask for the first would have it put in order.
    room = next(iter(with_facts().filter(code=code)), None) if code else None
    if room is None or not (room.visibility == _PUBLIC or _is_known(room, user_id)):
        limits.check_address("code_misses", address, claim=room and room.pk)
    if room is None:
        raise Refused("not_found")
    return room


def find_known(code: str | None, user: User | None, address: str, *, also: Q | None = None) -> Room:
    """The room of a code, for calls that are for those who know it already, or `also` for others.

    A stranger is told the same by the same query, and pays the same, whether an unlisted room or
    none has the code. Raises Refused: not_found, too_fast.
    """
    room = with_facts().filter(_may_know(user, also), code=code).first() if code else None
    if room is None:
        limits.check_address("code_misses", address)
        raise Refused("not_found")
    return room


def look_up(code: str | None, user_id: int | None, address: str) -> RoomFacts:
    """The facts of a room for a socket, found as by `find`."""
    return facts_of(find(code, user_id, address))


def _is_known(room: Room, user_id: int | None) -> bool:
    """Whether a user hosts the room or was ever a member and is not banned: no guess is needed."""
    standing = Membership.objects.filter(room=room, user=user_id or 0).exclude(state=State.BANNED)
    return room.host_id == user_id or standing.exists()


def _may_know(user: User | None, also: Q | None) -> Q:
    if user is not None and user.is_staff and any(map(user.has_perm, _SEE_ALL_ROOMS)):
        return Q()
    user_id = user.pk if user else 0
    own = Membership.objects.filter(room=OuterRef("pk"), user=user_id)
    return Q(visibility=_PUBLIC) | Q(host=user_id) | Q(Exists(own)) | (also or Q(pk=0))


# --- Coming and going


def membership(room: Room, user: User | None) -> Membership | None:
    """The membership of a user who is in the room now, else None."""
    if user is None:
        return None
    return Membership.objects.filter(room=room, user=user, state=State.IN).first()


def member(room: Room, user: User | None) -> Membership:
    """The membership of a user who is in the room now.

    Raises Refused: forbidden (sent away), not_member.
    """
    if user is None:
        raise Refused("sign_in")
    found = Membership.objects.filter(room=room, user=user).first()
    if found is None or found.state == State.LEFT:
        raise Refused("not_member")
    if found.state != State.IN:
        raise _sent_away(found)
    return found


def enter(user: User, room: Room) -> Membership:
    """Make a user a member; repeating it changes nothing.

    A user who was removed may come back this way. A role that was given in the room outlives
    leaving. Raises Refused: room_ended, forbidden (banned), room_full.
    """
    present = Membership.objects.filter(room=room, user=user).first()
    if present is None or not _is_in(present, user) or not room.is_live:
        present, is_new = _enter(user, room.pk)
        if is_new:
            tell_entered(user, room)
    return present


def _is_in(present: Membership, user: User) -> bool:
    """Whether there is nothing to write: the user is in, under their present nickname."""
    has_skeleton = present.skeleton is not None
    return present.state == State.IN and has_skeleton and fits(present.shown_as, user.nickname)


def enter_seated(user: User, room: Room) -> Membership:
    """Enter by a seat: as `enter`, but a full room is no hindrance."""
    present, is_new = _enter(user, room.pk, has_seat=True)
    if is_new:
        tell_entered(user, room)
    return present


@transaction.atomic
def _enter(user: User, room_id: int, *, has_seat: bool = False) -> tuple[Membership, bool]:
    # The lock on the room's row lets two users who want the last place take turns.
    room = Room.objects.select_for_update().get(pk=room_id)
    if not room.is_live:
        raise Refused("room_ended")
    present = Membership.objects.filter(room=room, user=user).first()
    if present is not None and present.state == State.IN:
        name(present, user)
        return present, False
    if present is not None and _is_banned(present):
        raise _sent_away(present)
    is_host = room.host_id == user.pk
    if not (is_host or has_seat) and _is_full(room):
        raise Refused("room_full")
    forgetting.refuse_asked(user.pk)
    of_club = clubs.join(user, room.club, is_held=True)
    if present is None:
        role, shown = Role.HOST if is_host else of_club, free_name(room, user)
        present = Membership.objects.create(
            room=room, user=user, role=role, shown_as=shown, skeleton=skeleton(shown),
            entered_at_ms=now_ms(),
        )  # fmt: skip
        return present, True
    present.state = State.IN
    present.role = present.role if is_host or present.role_given_here else of_club
    present.changed_at_ms = present.entered_at_ms = now_ms()
    present.save(update_fields=["role", "state", "changed_at_ms", "entered_at_ms"])
    name(present, user)
    return present, True


def name(present: Membership, user: User) -> bool:
    """Show a user by their present nickname; whether that changed the name.

    A name stays; only a user who changed their nickname since gets another. The caller holds the
    row of the room.
    """
    before = present.shown_as
    fitting = before if fits(before, user.nickname) else None
    shown = fitting or free_name(present.room, user)
    if (before, present.skeleton) == (shown, skeleton(shown)):
        return False
    present.shown_as, present.skeleton = shown, skeleton(shown)
    present.changed_at_ms = now_ms()
    present.save(update_fields=["shown_as", "skeleton", "changed_at_ms"])
    if before and before != shown:
        detail = f"{before} → {shown}"
        acts.record(present.room_id, RoomAct.What.RENAME, by=user, of=user, detail=detail)
    return before != shown


def arrive(room_id: int, user_id: int) -> Membership:
    """Enter by opening a socket: as `enter`, but a user who was removed has to ask to come back."""
    memberships = Membership.objects.select_related("room", "user")
    present = memberships.filter(room=room_id, user=user_id).first()
    if present is not None and present.state == State.REMOVED:
        raise _sent_away(present)
    # Most sockets are opened by members who come back; for them this is one read.
    if present is not None and _is_in(present, present.user) and present.room.is_live:
        return present
    return enter(User.objects.get(pk=user_id), Room.objects.get(pk=room_id))


@transaction.atomic
def leave(user: User, room: Room) -> None:
    """End a membership; coins and positions stay. Repeated, or for a stranger, it does nothing."""
    present = Membership.objects.filter(room=room, user=user, state=State.IN)
    if present.update(state=State.LEFT, changed_at_ms=now_ms()):
        tell_left(user, room)


def count_members(room: Room) -> int:
    """How many members the room has now, here or not."""
    return Membership.objects.filter(room=room, state=State.IN).count()


def _is_full(room: Room) -> bool:
    """Whether as many members as fit are here, or were within ten minutes.

    While the live instance is away every member counts.
    """
    if count_members(room) < room.capacity:
        return False
    since_ms = now_ms() - live.PLACE_KEPT_S * 1000
    try:
        seen = live.seen_since(room.pk, since_ms / 1000)
    except live.LiveAway:
        return True
    members = Membership.objects.filter(room=room, state=State.IN)
    entries = members.values_list("user_id", "entered_at_ms")
    held = sum(user_id in seen or at_ms > since_ms for user_id, at_ms in entries)
    return held >= room.capacity


def tell_entered(user: User, room: Room) -> None:
    """Call the hooks for a membership that has begun."""
    for told in on_enter:
        try:
            told(user, room)
        except Refused:
            # The hook's app makes up for a lost call; the user is in all the same.
            continue


def tell_left(user: User, room: Room) -> None:
    """Call the hooks for a membership that has ended."""
    for told in on_leave:
        told(user, room)


def _is_banned(standing: Membership) -> bool:
    until_ms = standing.banned_until_ms
    return standing.state == State.BANNED and (until_ms is None or until_ms > now_ms())


def _sent_away(standing: Membership) -> Refused:
    sentence = _("You were removed from this room.")
    if standing.state == State.BANNED:
        sentence = _("You are banned from this room.")
    sentence = f"{sentence} {standing.reason}".strip()
    return Refused("forbidden", sentence, detail={"why": standing.state})


# --- Who may


def may(room: Room, user: User | None, act: str) -> bool:
    """Whether the role of a user in a room suffices for an act of RIGHTS; an operator's always."""
    return rank(room, user) >= RANKS[RIGHTS[act]]


def require(room: Room, user: User | None, act: str) -> None:
    """Raises Refused: forbidden, for a user who may not do an act of RIGHTS."""
    if not may(room, user, act):
        raise Refused("forbidden")


def may_manage(room: Room, user: User | None) -> bool:
    """Whether a role may run a room and its questions: host, co-host, or an operator."""
    return may(room, user, "run_questions")


def may_moderate(room: Room, user: User | None) -> bool:
    """Whether a role may mute and send away: a moderator, or one who may manage."""
    return may(room, user, "mute")


def require_manage(room: Room, user: User | None) -> None:
    """Raises Refused: forbidden, for a user who may not run the room."""
    require(room, user, "run_questions")


def require_rank_above(by: User, of: Membership) -> None:
    """Raises Refused: forbidden, unless a user may moderate and ranks above the member."""
    above = rank(of.room, by)
    if above < RANKS[RIGHTS["mute"]] or above <= RANKS[of.role]:
        raise Refused("forbidden")


def rank(room: Room, user: User | None) -> int:
    """The height of a user's role in a room; -1 outside, and an operator stands above the host."""
    if user is None:
        return -1
    if user.is_staff and user.has_perm("rooms.change_room"):
        return RANKS[Role.HOST] + 1
    present = membership(room, user)
    return RANKS[present.role] if present else -1


# --- What a user is told


def standing_notice(role: str, muted_until_ms: int) -> tuple[str, str]:
    """The notice for a user whose role or right to speak changed: a code and a sentence."""
    if muted_until_ms > now_ms():
        return "muted", _("You are muted in this room.")
    return "role", _("You are here as: %(role)s.") % {"role": Role(role).label}


# --- The room itself


def set_open_markets(room_id: int, count: int) -> None:
    """Note how many questions of a room have begun and not ended, as betting says."""
    Room.objects.filter(pk=room_id).exclude(open_markets=count).update(open_markets=count)


def lower_open_markets(room_id: int) -> None:
    """Note that one question of a room has ended."""
    Room.objects.filter(pk=room_id, open_markets__gt=0).update(open_markets=F("open_markets") - 1)
