"""The evening of a room, over HTTP; see docs/protocol.md."""

import msgspec
from django.core.cache import cache
from django.http import HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.openapi import described
from betting import requested
from betting.wire import evening, sight
from betting.wire.evening import EveningAnswer
from rooms import access, codes
from rooms.api.room_view import address, caller
from rooms.models import Room
from web.parsing import malformed

LIVE_TTL_S = 5
# Nothing of an ended room changes but the names of its people.
ENDED_TTL_S = 60


class Evening(APIView):
    """GET /api/rooms/{code}/evening/"""

    permission_classes = [AllowAny]

    @described(answers={200: EveningAnswer})
    def get(self, request: Request, code: str) -> Response | HttpResponse:
        """Standings, podium and rounds; `format` is json (the default) or csv.

        At most five seconds old, a minute where the room has ended.
        """
        wanted = request.query_params.get("format", "json")
        if wanted not in ("json", "csv"):
            raise malformed("format")
        told = _told(_room(request, code))
        if wanted == "json":
            return Response(told)
        text = evening.write_csv(msgspec.convert(told, EveningAnswer))
        name = f'attachment; filename="{told["code"]}-evening.csv"'
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
    room = access.find(read, user.pk if user else None, address(request))
    if room.evening_public:
        return room
    requested.refuse_strangers(room, user)
    if not sight.runs_room(user, None):
        access.member(room, user)
    return room


def _told(room: Room) -> dict[str, object]:
    name = f"evening:{room.pk}:{room.status}"
    told: dict[str, object] | None = cache.get(name)
    if told is None:
        # Plain values: processes of two versions may share them.
        told = msgspec.to_builtins(evening.evening_of(room))
        cache.set(name, told, LIVE_TTL_S if room.is_live else ENDED_TTL_S)
    return told
