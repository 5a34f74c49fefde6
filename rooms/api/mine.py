"""/api/me/rooms/: the rooms that the user runs or is in."""

import msgspec
from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from rooms import live
from rooms.api.room_view import page_of, page_path
from rooms.facts import facts_of, with_facts
from rooms.messages import RoomShape, room_shape
from rooms.models import Membership
from web.contract.descriptions import described
from web.contract.fields import PageQuery
from web.negotiation import respond

ROOMS_PER_PAGE = 50


class MyRoom(RoomShape):
    """A room, and the own role in it."""

    role: str


class MyRooms(msgspec.Struct):
    results: list[MyRoom]
    next: str | None


class OwnRooms(APIView):
    """The own rooms."""

    permission_classes = [SignedIn]

    @described(query=PageQuery, answers={200: MyRooms})
    def get(self, request: Request, query: PageQuery) -> Response:
        """The rooms that the user hosts or is in, unlisted and ended ones too; the latest first."""
        user = user_of(request)
        is_own = Q(state=Membership.State.IN) | Q(role=Membership.Role.HOST)
        rows = Membership.objects.filter(is_own, user=user)
        page, before_id = page_of(rows, query, ROOMS_PER_PAGE)
        return respond(MyRooms(_shapes(page), page_path(request, before_id)))


def _shapes(page: list[Membership]) -> list[MyRoom]:
    ids = [row.room_id for row in page]
    rooms = {room.pk: room for room in with_facts().filter(pk__in=ids)}
    here = live.here(ids)
    shown = [(room_shape(facts_of(rooms[row.room_id]), here[row.room_id]), row) for row in page]
    return [MyRoom(**msgspec.structs.asdict(shape), role=row.role) for shape, row in shown]
