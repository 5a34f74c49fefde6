"""Changes of members and rooms that have sockets here, read from the database once a second.

So a removal, a mute or a changed room reaches open sockets even when the live Redis is away; the
registry of sockets asks for ended sign-ins and banned users in the same round.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from accounts.sockets.frames import encode
from rooms.facts import RoomFacts, facts_of, with_facts
from rooms.fanout.crowd import Crowd
from rooms.keys import narrow_keys
from rooms.messages import RoomChanged, room_shape
from rooms.models import Membership, RoomScreen
from web.close_codes import Close
from web.rows.chunks import chunks

ROOMS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """A membership that was changed."""

    room_id: int
    user_id: int
    role: str
    state: str
    muted_until_ms: int
    shown_as: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of one read."""

    memberships: list[MembershipChange]
    rooms: dict[int, RoomFacts]
    ended_screens: set[int]
    keys_over: set[int]


def changes_since(since_ms: int, room_ids: Iterable[int], key_ids: Collection[int]) -> Changes:
    """The memberships changed and screens ended since a time; the present facts of these rooms, and
    which of these keys are over.
    """
    changed = Membership.objects.filter(changed_at_ms__gte=since_ms).values_list(
        "room_id", "user_id", "role", "state", "muted_until_ms", "shown_as"
    )
    ended = RoomScreen.objects.filter(ended_at_ms__gte=since_ms)
    return Changes(
        memberships=[MembershipChange(*row) for row in changed],
        rooms=_facts(list(room_ids)),
        ended_screens=set(ended.values_list("pk", flat=True)),
        keys_over=narrow_keys.over(key_ids) if key_ids else set(),
    )


def _facts(room_ids: list[int]) -> dict[int, RoomFacts]:
    facts: dict[int, RoomFacts] = {}
    for some in chunks(room_ids, ROOMS_PER_QUERY):
        facts.update((room.pk, facts_of(room)) for room in with_facts().filter(pk__in=some))
    return facts


def act(changes: Changes, crowd: Crowd) -> None:
    """Close the sockets that may no longer be, and tell the others what changed."""
    for change in changes.memberships:
        for reader in crowd.of_user(change.room_id, change.user_id):
            if change.state == Membership.State.IN:
                reader.stand(change.role, change.muted_until_ms, change.shown_as or "")
            else:
                reader.shut(Close.SENT_AWAY, change.state)
    if changes.ended_screens or changes.keys_over:
        _end_readers(changes.ended_screens, changes.keys_over, crowd)
    for room_id, facts in changes.rooms.items():
        _act_on_room(room_id, facts, crowd)


def _end_readers(ended_screens: set[int], keys_over: set[int], crowd: Crowd) -> None:
    for here in list(crowd.rooms.values()):
        for reader in tuple(here.readers):
            if reader.screen_id in ended_screens or reader.key_id in keys_over:
                reader.shut(Close.SIGN_IN, "revoked")


def key_ids(crowd: Crowd) -> set[int]:
    """The keys that sockets here read by."""
    return {reader.key_id for here in crowd.rooms.values() for reader in here.readers} - {0}


def _act_on_room(room_id: int, facts: RoomFacts, crowd: Crowd) -> None:
    here = crowd.rooms.get(room_id)
    if here is None or here.facts == facts:
        return
    here.facts = facts
    for reader in tuple(here.readers):
        reader.room = facts
    frame = encode(RoomChanged(room_shape(facts, crowd.count(room_id))))
    if facts.is_live:
        crowd.tell(room_id, frame, slot="room")
        return
    for reader in tuple(here.readers):
        reader.shut(Close.ENDED, "ended", frame)
