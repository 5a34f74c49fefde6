"""The log of a room: who did what to whom, when and why. It is append-only.

`record` is called in the transaction of the change it tells of, so that both happen or neither.
"""

from django.utils.text import Truncator

from accounts.models import User
from rooms.models import RoomAct
from rooms.names import names_of
from web.times import now_ms


def record(
    room_id: int,
    what: RoomAct.What,
    *,
    by: User | None,
    of: User | None = None,
    detail: str = "",
    reason: str = "",
) -> None:
    """Add an act to the log of a room. `by` is None where the server acted by itself.

    `detail` holds what the act was about: both names, both settings, the words of a line.
    """
    named = [user for user in (by, of) if user]
    names = names_of(room_id, [user.pk for user in named])
    RoomAct.objects.create(
        room_id=room_id, what=what, by=by, of=of, detail=Truncator(detail).chars(600),
        reason=reason, by_name=names[by.pk] if by else "", of_name=names[of.pk] if of else "",
        at_ms=now_ms(),
    )  # fmt: skip


def page(room_id: int, *, before_id: int | None, count: int) -> list[RoomAct]:
    """The newest acts of a room before an id."""
    found = RoomAct.objects.filter(room=room_id)
    if before_id:
        found = found.filter(pk__lt=before_id)
    return list(found.order_by("-pk")[:count])
