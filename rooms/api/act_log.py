"""/api/rooms/{code}/acts/: the log of a room, for those who run it."""

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from rooms import access, acts
from rooms.api.room_view import RoomView, page_path
from rooms.messages import Person
from rooms.models import RoomAct
from web.contract.descriptions import described
from web.contract.fields import PageQuery
from web.negotiation import respond
from web.parsing import given

ACTS_PER_PAGE = 50


class ActShape(msgspec.Struct):
    """An act; names are those of that moment, null is nobody or an erased user.

    `words` are `what` in the reader's language.
    """

    id: int
    what: str
    words: str
    by: Person | None
    of: Person | None
    detail: str
    reason: str
    at_ms: int


class ActList(msgspec.Struct):
    results: list[ActShape]
    next: str | None


def _act_shape(act: RoomAct) -> ActShape:
    return ActShape(
        id=act.pk,
        what=act.what,
        words=act.get_what_display(),
        by=Person(act.by_id, act.by_name) if act.by_id else None,
        of=Person(act.of_id, act.of_name) if act.of_id else None,
        detail=act.detail,
        reason=act.reason,
        at_ms=act.at_ms,
    )


class Acts(RoomView):
    @described(query=PageQuery, answers={200: ActList})
    def get(self, request: Request, code: str, query: PageQuery) -> Response:
        """The acts of a room, newest first; former names are among them."""
        room = self.room(code)
        access.require(room, user_of(request), "read_acts")
        found = acts.page(room.pk, before_id=given(query.before), count=ACTS_PER_PAGE + 1)
        more = found[ACTS_PER_PAGE - 1].pk if len(found) > ACTS_PER_PAGE else None
        shapes = [_act_shape(act) for act in found[:ACTS_PER_PAGE]]
        return respond(ActList(shapes, page_path(request, more)))
