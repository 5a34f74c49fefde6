"""What rooms forget of a user: membership, chat, and the name in the log. Each may be repeated."""

from django.db import transaction

from accounts.models import User
from accounts.nicknames import skeleton
from accounts.sockets.frames import encode
from rooms import access, chat, clubs, live, opening
from rooms.fanout import hub
from rooms.messages import ChatGone
from rooms.models import ChatLine, Membership, Room, RoomAct, RoomKey
from rooms.names import free_name
from web.times import now_ms

LINES_PER_DELETE = 1_000


def leave_rooms(user: User, lingers_ms: int) -> bool:
    """Take a user out of all rooms; whether the last left so long ago that nothing is under way."""
    for present in user.memberships.filter(state=Membership.State.IN).select_related("room"):
        access.leave(user, present.room)
        live.forget_here(present.room_id, user.pk)
        hub.post_recheck(present.room_id)
    return not user.memberships.filter(changed_at_ms__gt=now_ms() - lingers_ms).exists()


def end_rooms(user: User) -> bool:
    """End the user's rooms that nobody else runs; False while one has an undecided question."""
    others = Membership.objects.filter(role__in=access.RUNS_ROOM, state=Membership.State.IN)
    run_by_others = others.exclude(user=user).values("room")
    rooms = Room.objects.filter(host=user, status=Room.Status.LIVE).exclude(pk__in=run_by_others)
    for room in rooms.filter(open_markets=0):
        opening.end_room(room)
        hub.post_recheck(room.pk)
    return not rooms.filter(open_markets__gt=0).exists()


def forget(user: User) -> None:
    """Forget what a user said and was called in rooms; open pages take the lines away.

    The account has the new name already. Raises LiveAway.
    """
    while chat.copy_chat():
        pass
    for present in user.memberships.all():
        for line_id in chat.take_out_all_of(present.room_id, user.pk):
            hub.post_frame(present.room_id, encode(ChatGone(line_id)))
        _rename(present.room_id, user)
    while ids := list(user.chat_lines.values_list("pk", flat=True)[:LINES_PER_DELETE]):
        ChatLine.objects.filter(pk__in=ids).delete()
    RoomKey.objects.filter(by=user).delete()
    clubs.forget(user)
    _forget_in_logs(user)


@transaction.atomic
def _rename(room_id: int, user: User) -> None:
    # The row of the room is held, so that two do not get one name.
    room = Room.objects.select_for_update().get(pk=room_id)
    shown = free_name(room, user)
    own = Membership.objects.filter(room=room, user=user)
    own.update(shown_as=shown, skeleton=skeleton(shown), reason="", changed_at_ms=now_ms())


@transaction.atomic
def _forget_in_logs(user: User) -> None:
    """Former names and words of deleted lines go; that something was done, and when, stays."""
    acts = RoomAct.objects.filter(of=user)
    quoting = [RoomAct.What.RENAME, RoomAct.What.DELETE_LINE]
    acts.filter(what__in=quoting).update(detail="")
    acts.update(of=None, of_name="", reason="")
    RoomAct.objects.filter(by=user).update(by=None, by_name="")
