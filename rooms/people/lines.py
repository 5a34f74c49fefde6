"""Deleting a line of chat: it is gone everywhere, and the record keeps who deleted it and why."""

from django.db import transaction

from accounts.models import User
from accounts.sockets.frames import encode
from rooms import access, acts, chat, live
from rooms.fanout.hub import post_frame
from rooms.messages import ChatGone
from rooms.models import ChatLine, Membership, Room, RoomAct
from web.refusals import Refused
from web.times import now_ms


def delete(by: User, room: Room, line_id: str, reason: str = "") -> None:
    """Delete a line for everybody; again does the same and records nothing.

    One's own line may always go, that of others needs a role above theirs. Marked in SQL first,
    so that a stop before the tail was read leaves what a repeat finishes. Raises Refused:
    forbidden, not_found, unavailable (the live instance is away, and still shows it).
    """
    access.require(room, by, "delete_line")
    try:
        _bring_to_sql(room.pk, line_id)
        _mark(by, room, line_id, reason)
        chat.take_out(room.pk, line_id)
    except live.LiveAway as error:
        raise Refused("unavailable", retry_after_s=1) from error
    post_frame(room.pk, encode(ChatGone(line_id)))


def _bring_to_sql(room_id: int, line_id: str) -> None:
    if ChatLine.objects.filter(room=room_id, line_id=line_id).exists():
        return
    if line := chat.find(room_id, line_id):
        chat.keep([(room_id, line)])
        return
    # Pushed out of a busy tail before the clock came by.
    while chat.copy_chat():
        pass


@transaction.atomic
def _mark(by: User, room: Room, line_id: str, reason: str) -> None:
    lines = ChatLine.objects.select_for_update().filter(room=room, line_id=line_id)
    line = lines.first()
    if line is None:
        raise Refused("not_found")
    if line.user_id != by.pk:
        author = Membership.objects.filter(room=room, user=line.user_id).first()
        if author:
            access.require_rank_above(by, author)
    if line.gone_at_ms is None:
        line.gone_at_ms = now_ms()
        line.save(update_fields=["gone_at_ms"])
        acts.record(
            room.pk, RoomAct.What.DELETE_LINE, by=by, of=line.user, detail=line.text, reason=reason
        )
