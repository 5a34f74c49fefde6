"""The base of calls on rooms: finding the room of a path, pages of lists."""

from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from django.db.models import Model, QuerySet
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn
from accounts.models import User
from rooms import access, codes, live
from rooms.facts import facts_of, with_facts
from rooms.messages import RoomShape, room_shape
from rooms.models import Membership, Room
from rooms.people.screen_passes import ScreenPass
from web import addresses
from web.contract.fields import PageQuery
from web.times import now_ms

Row = TypeVar("Row", bound=Model)


def caller(request: Request) -> User | None:
    """The user who asks; None for a stranger."""
    return request.user if isinstance(request.user, User) else None


def screen_of(request: Request, room: Room | str | None) -> ScreenPass | None:
    """The pass of a screen that asks, if it is one of this room (or of the room of this code)."""
    code = room.code if isinstance(room, Room) else room
    found = request.auth if isinstance(request.auth, ScreenPass) else None
    return found if found and found.code == code else None


def address(request: Request) -> str:
    """The address that the request comes from."""
    return addresses.of(request._request)


def known_room(request: Request, code: str) -> Room:
    """The room of a code that the caller may know of. Raises Refused: not_found, too_fast."""
    if screen := screen_of(request, codes.read_code(code)):
        return with_facts().get(pk=screen.room_id)
    return access.find_known(codes.read_code(code), caller(request), address(request))


def shown(room: Room) -> RoomShape:
    """A room with the people in it counted."""
    return room_shape(facts_of(room), live.here([room.pk])[room.pk])


class Entered(msgspec.Struct):
    """A room, and the own membership in it."""

    room: RoomShape
    role: str
    muted: bool


def entered(present: Membership, room: Room | None = None) -> Entered:
    """Show a membership with its room, which is read where it is not given."""
    room = room or with_facts().get(pk=present.room_id)
    return Entered(shown(room), present.role, present.muted_until_ms > now_ms())


def page_of(rows: QuerySet[Row], query: PageQuery, count: int) -> tuple[list[Row], int | None]:
    """The rows of a page, newest first, and the id to go on before, if there is more."""
    rows = rows.order_by("-pk")
    if query.before is not UNSET:
        rows = rows.filter(pk__lt=query.before)
    found = list(rows[: count + 1])
    return found[:count], found[count - 1].pk if len(found) > count else None


def page_path(request: Request, before_id: int | None) -> str | None:
    """The path of the next page, with the query of this one."""
    if before_id is None:
        return None
    asked = {name: str(value) for name, value in request.query_params.items()}
    return f"{request.path}?{urlencode(asked | {'before': str(before_id)})}"


class RoomView(APIView):
    """A call on one room, for signed-in users."""

    permission_classes = [SignedIn]

    def room(self, code: str) -> Room:
        """The room of the path, for a caller who may know of it."""
        return known_room(self.request, code)

    def room_by_code(self, code: str) -> Room:
        """The room of the path, for a caller who has its code."""
        user = caller(self.request)
        user_id = user.pk if user else None
        return access.find(codes.read_code(code), user_id, address(self.request))
