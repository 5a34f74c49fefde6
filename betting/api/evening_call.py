"""The evening of a room, over HTTP; see docs/protocol.md."""

from typing import ClassVar, Literal

import msgspec
from django.db.models import Q
from django.http import HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from betting import requested
from betting.wire import sight
from betting.wire.past import evening
from betting.wire.past.evening import EveningAnswer
from rooms import access, codes
from rooms.api.room_view import address, caller, known_room, screen_of
from rooms.models import Room
from rooms.people.screen_passes import WITH_SCREENS
from web.contract.descriptions import described
from web.parsing import Message


class EveningQuery(Message, frozen=True):
    """The form of the evening."""

    format: Literal["json", "csv"] = "json"


class Evening(APIView):
    """GET /api/rooms/{code}/evening/"""

    authentication_classes = WITH_SCREENS
    permission_classes = [AllowAny]
    key_rights: ClassVar[dict[str, str]] = {"GET": "figures"}

    @described(
        query=EveningQuery, answers={200: (EveningAnswer, "text/csv")}, refuses=("not_member",)
    )
    def get(self, request: Request, code: str, query: EveningQuery) -> Response | HttpResponse:
        """Standings, podium and rounds; `format` is json (the default) or csv.

        At most five seconds old, a minute where the room has ended.
        """
        told = evening.kept_evening(_room(request, code))
        if query.format == "json":
            return Response(msgspec.to_builtins(told))
        text = evening.write_csv(told)
        name = f'attachment; filename="{told.code}-evening.csv"'
        return HttpResponse(
            text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
        )


def _room(request: Request, code: str) -> Room:
    """The room, for a caller who may see its evening.

    A stranger pays and is told the same for a hidden room as for none, unless its host made the
    evening public. Raises Refused: not_found, too_fast, sign_in, not_member, forbidden.
    """
    user = caller(request)
    read = codes.read_code(code)
    if screen_of(request, read):
        return known_room(request, code)
    # By the same query for a hidden room as for none, so that time tells nothing either.
    room = access.find_known(read, user, address(request), also=Q(evening_public=True))
    if room.evening_public:
        return access.find(read, user.pk if user else None, address(request))
    requested.refuse_strangers(request, room)
    if not sight.runs_room(user, None):
        access.member(room, user)
    return room
