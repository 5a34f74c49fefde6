"""/api/rooms/{code}/screens/: links for a big screen, made and ended by those who run the room."""

import msgspec
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from rooms import access
from rooms.api.room_view import RoomView
from rooms.fanout import hub
from rooms.people import screens
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Nothing, parse


class ScreenOffer(msgspec.Struct):
    """A screen, and its link, which is told this once; `overlay` is the same without a ground."""

    id: int
    link: str
    overlay: str


class ScreenShape(msgspec.Struct):
    id: int
    made_at_ms: int


class ScreenList(msgspec.Struct):
    results: list[ScreenShape]


class Screens(RoomView):
    @described(answers={200: ScreenList})
    def get(self, request: Request, code: str) -> Response:
        """The links that were not ended, newest first, without their codes."""
        room = self.room(code)
        access.require(room, user_of(request), "offer_screen")
        shown = [ScreenShape(each.pk, each.made_at_ms) for each in screens.offered(room)]
        return respond(ScreenList(shown))

    @described(asks=Nothing, answers={201: ScreenOffer}, refuses=("room_ended",))
    def post(self, request: Request, code: str) -> Response:
        """Make a link: who has it reads the room as a screen, and counts as nobody."""
        parse(request.data, Nothing)
        room = self.room(code)
        screen, screen_code = screens.offer(user_of(request), room)
        # The part behind the # is never sent to a server, so that it is in no log.
        begins = f"{settings.PUBLIC_URL}/r/{room.code}"
        links = (f"{begins}/{form}/#{screen_code}" for form in ("screen", "overlay"))
        return respond(ScreenOffer(screen.pk, *links), 201)


class OneScreen(RoomView):
    @described(answers={204: None})
    def delete(self, request: Request, code: str, screen_id: int) -> Response:
        """End a link: its screens close within a second or two; again does nothing."""
        room = self.room(code)
        screens.end(user_of(request), room, screen_id)
        hub.post_recheck(room.pk)
        return Response(status=204)
