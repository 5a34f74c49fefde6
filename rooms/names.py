"""Names of users in a room: the nickname, numbered where another member has it already.

Names that look the same count as one: capitals, full-width letters, letters of other scripts.
"Mika 2" is decided when a membership begins and stays, also while the user is away. It is for
reading only: the id says who a user is.
"""

from collections.abc import Iterable
from itertools import chain, count

from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import User
from accounts.nicknames import looks, skeleton
from rooms.models import Membership, Room
from web.parsing import malformed

# A range up to it holds the names that begin with a text. MariaDB reads it from an index, which
# it does not for LIKE BINARY.
_LAST = "\U0010ffff"


def fits(shown_as: str | None, nickname: str) -> bool:
    """Whether a name in a room is this nickname, with or without a number."""
    if shown_as is None or shown_as == nickname:
        return shown_as is not None
    before, _blank, number = shown_as.rpartition(" ")
    return before == nickname and number.isdecimal()


def free_name(room: Room, user: User) -> str:
    """The nickname, or the first numbered one that nobody of the room has or looks like.

    The caller holds the room's row, so that two who come at once do not get the same.
    """
    key = skeleton(user.nickname)
    alike = Q(skeleton__range=(key, key + _LAST)) | Q(
        shown_as__range=(user.nickname, user.nickname + _LAST)
    )
    others = Membership.objects.filter(alike, room=room).exclude(user=user)
    taken = {text for row in others.values_list("shown_as", "skeleton") for text in row}
    numbered = (f"{user.nickname} {number}" for number in count(2))
    names = chain([user.nickname], numbered)
    return next(name for name in names if taken.isdisjoint((name, skeleton(name))))


def require_new_title(host_id: int, title: str, *, of: int = 0) -> None:
    """Refuse a title that looks like that of another live room of the host.

    `of` is the room that shall have it. The caller holds the host's row. Raises Refused: malformed.
    """
    own = looks(title)
    others = Room.objects.filter(host=host_id, status=Room.Status.LIVE).exclude(pk=of)
    if any(not own.isdisjoint(looks(other)) for other in others.values_list("title", flat=True)):
        raise malformed("title", gettext("Another room of yours looks the same."))


def names_of(room_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of these users in a room; one who never was in it has the nickname."""
    wanted = set(user_ids)
    rows = Membership.objects.filter(room=room_id, user__in=wanted)
    names = {user_id: name for user_id, name in rows.values_list("user_id", "shown_as") if name}
    if strangers := wanted - names.keys():
        names |= dict(User.objects.filter(pk__in=strangers).values_list("pk", "nickname"))
    return names
