"""/api/rooms/{code}/newcomers/: who came last, for the big screen before the first question."""

from typing import ClassVar

import msgspec
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from rooms import access
from rooms.api.room_view import RoomView, caller, screen_of
from rooms.models import Membership
from rooms.people.screen_passes import WITH_SCREENS
from web.contract.descriptions import described
from web.negotiation import respond

NEWCOMERS_SHOWN = 40


class NewcomerList(msgspec.Struct):
    """Names of members, the one who came last first."""

    names: list[str]


class Newcomers(RoomView):
    authentication_classes = WITH_SCREENS
    permission_classes = [AllowAny]
    key_rights: ClassVar[dict[str, str]] = {"GET": "read"}

    @described(answers={200: NewcomerList}, refuses=("not_member",))
    def get(self, request: Request, code: str) -> Response:
        """The last forty who entered and are in; for screens of the room and for its members."""
        room = self.room(code)
        if not screen_of(request, room):
            access.member(room, caller(request))
        inside = Membership.objects.filter(room=room, state=Membership.State.IN)
        rows = inside.exclude(shown_as=None).exclude(role=Membership.Role.HOST)
        names = rows.order_by("-entered_at_ms", "-pk").values_list("shown_as", flat=True)
        return respond(NewcomerList([name or "" for name in names[:NEWCOMERS_SHOWN]]))
