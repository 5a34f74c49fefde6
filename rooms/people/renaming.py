"""Another nickname: in the account, and in every room where its owner is now."""

from django.db import transaction

from accounts import nicknames
from accounts.models import User
from rooms import access
from rooms.models import Membership, Room
from web import limits


def rename(user: User, nickname: str) -> list[tuple[int, str]]:
    """Give a user another nickname; the rooms where it changed, with the name there.

    Rooms that a stop leaves out follow when the user enters next. Raises Refused:
    nickname_refused, too_fast.
    """
    name = nicknames.validate(nickname)
    if name == user.nickname:
        return []
    limits.check("renames", user.pk)
    User.objects.filter(pk=user.pk).update(**User.named(name))
    user.nickname = name
    live_rooms = Membership.objects.filter(
        user=user, state=Membership.State.IN, room__status=Room.Status.LIVE
    )
    ids = list(live_rooms.order_by("room").values_list("room", flat=True))
    return [(room_id, shown) for room_id in ids if (shown := _rename_in(room_id, user))]


@transaction.atomic
def _rename_in(room_id: int, user: User) -> str | None:
    # The row of the room is held, so that two do not get one name.
    Room.objects.select_for_update().get(pk=room_id)
    present = Membership.objects.select_related("room").filter(room=room_id, user=user).first()
    if present is None or not access.name(present, user):
        return None
    return present.shown_as
