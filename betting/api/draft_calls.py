"""What a room has prepared, over HTTP; and the two sights of one market. See docs/protocol.md."""

from typing import ClassVar

import msgspec
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from betting import question_csv, requested
from betting.actions import drafts, markets
from betting.wire import boards, sight
from betting.wire.answers import Drafts
from betting.wire.messages import MarketBoard
from betting.wire.past import odds_history
from betting.wire.past.odds_history import OddsAnswer
from betting.wire.requests import (
    Again,
    DraftChange,
    DraftFile,
    DraftOrder,
    DraftSource,
    NewMarket,
)
from rooms import access
from rooms.api.room_view import known_room
from rooms.models import Room
from rooms.people.screen_passes import WITH_SCREENS
from web import limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Nothing, parse
from web.refusals import Refused

LINES_TOLD_MAX = 20
ODDS_TTL_S = 5
FINAL_ODDS_TTL_S = 600


class OneMarket(APIView):
    """GET PATCH DELETE /api/markets/{id}/"""

    key_rights: ClassVar[dict[str, str]] = {"GET": "read", "PATCH": "ask", "DELETE": "ask"}

    def get_permissions(self) -> list[AllowAny | SignedIn]:
        """Everybody may read."""
        return [AllowAny() if self.request.method in ("GET", "HEAD", "OPTIONS") else SignedIn()]

    @described(answers={200: MarketBoard})
    def get(self, request: Request, market_id: int) -> Response:
        """The market now, with `mine` for members; a draft for those who run its room alone."""
        return requested.shown(requested.market(request, market_id), request)

    @described(
        asks=DraftChange, answers={200: MarketBoard}, refuses=("room_ended", "market_closed")
    )
    def patch(self, request: Request, market_id: int) -> Response:
        """Change fields of a draft; those left out stay."""
        change = parse(request.data, DraftChange)
        market = requested.market(request, market_id)
        markets.author(user_of(request), market.room)
        return requested.shown(drafts.change(market, change), request)

    @described(answers={204: None}, refuses=("market_closed",))
    def delete(self, request: Request, market_id: int) -> Response:
        """Remove a draft."""
        parse(request.data, Nothing)
        market = requested.market(request, market_id)
        markets.author(user_of(request), market.room)
        drafts.remove(market)
        return Response(status=204)


class Duplicate(APIView):
    """POST /api/markets/{id}/duplicate/"""

    permission_classes = [SignedIn]

    @described(asks=Again, answers={201: MarketBoard}, refuses=("room_ended", "too_many_markets"))
    def post(self, request: Request, market_id: int) -> Response:
        """Prepare the same question once more; the same key again finds the same draft."""
        again = parse(request.data, Again)
        market = requested.market(request, market_id)
        by = markets.author(user_of(request), market.room)
        limits.check("markets", by.user.pk)
        return requested.shown(drafts.duplicate(by, market, again.key), request, 201)


class Odds(APIView):
    """GET /api/markets/{id}/odds/"""

    authentication_classes = WITH_SCREENS
    permission_classes = [AllowAny]
    key_rights: ClassVar[dict[str, str]] = {"GET": "figures"}

    @described(answers={200: OddsAnswer})
    def get(self, request: Request, market_id: int) -> Response:
        """How the shares moved; empty for a blind market until its lock. At most five seconds old
        while the market runs."""
        market = requested.market(request, market_id)
        runs_room = requested.runs_room(request, market.room)
        if not sight.may_see_figures(boards.board_of(market), runs_room=runs_room):
            return respond(OddsAnswer([]))
        name = f"odds:{market.pk}:{market.is_final:d}"
        told = cache.get(name)
        if told is None:
            told = msgspec.to_builtins(odds_history.odds_of(market))
            cache.set(name, told, FINAL_ODDS_TTL_S if market.is_final else ODDS_TTL_S)
        return Response(told)


class RoomDrafts(APIView):
    """GET /api/rooms/{code}/drafts/"""

    permission_classes = [SignedIn]
    key_rights: ClassVar[dict[str, str]] = {"GET": "ask"}

    @described(answers={200: Drafts})
    def get(self, request: Request, code: str) -> Response:
        """What a room has prepared, for those who run it."""
        return _drafts(_run_by(request, code)[1])


class Order(APIView):
    """POST /api/rooms/{code}/drafts/order/"""

    permission_classes = [SignedIn]

    @described(asks=DraftOrder, answers={200: Drafts}, refuses=("room_ended",))
    def post(self, request: Request, code: str) -> Response:
        """Put the drafts into this order; those not named come behind, as they were."""
        wanted = parse(request.data, DraftOrder)
        _by, room = _run_by(request, code)
        drafts.order(room, wanted.markets)
        return _drafts(room)


class File(APIView):
    """GET POST /api/rooms/{code}/drafts/csv/"""

    permission_classes = [SignedIn]

    @described(answers={200: "text/csv"})
    def get(self, request: Request, code: str) -> HttpResponse:
        """All questions of the room, asked ones and drafts, as a CSV file."""
        room = _run_by(request, code)[1]
        text = question_csv.write(drafts.questions_of(room))
        name = f'attachment; filename="{room.code}.csv"'
        return HttpResponse(
            text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
        )

    @described(asks=DraftFile, answers={201: Drafts}, refuses=("room_ended", "too_many_markets"))
    def post(self, request: Request, code: str) -> Response:
        """Prepare the questions of a CSV file: all, or none where a line is wrong. Those that are
        prepared already are passed over."""
        file = parse(request.data, DraftFile)
        by, room = _run_by(request, code)
        limits.check("markets", by.user.pk)
        return _drafts(room, drafts.prepare(by, room, _questions(file.csv)))


class Copy(APIView):
    """POST /api/rooms/{code}/drafts/copy/"""

    permission_classes = [SignedIn]

    @described(asks=DraftSource, answers={201: Drafts}, refuses=("room_ended", "too_many_markets"))
    def post(self, request: Request, code: str) -> Response:
        """Prepare all questions of another room that one runs, or hosted, also an ended one."""
        source = parse(request.data, DraftSource)
        by, room = _run_by(request, code)
        limits.check("markets", by.user.pk)
        other = known_room(request, source.room)
        if other.host_id != by.user.pk:
            _require_own(by, other)
        return _drafts(room, drafts.prepare(by, room, drafts.questions_of(other)))


def _run_by(request: Request, code: str) -> tuple[markets.Author, Room]:
    """A room and the caller who runs it. Raises Refused: not_found, forbidden."""
    room = requested.room(request, code)
    return markets.author(user_of(request), room), room


def _require_own(by: markets.Author, room: Room) -> None:
    if not sight.runs_room(by.user, access.membership(room, by.user)):
        raise Refused("not_found")


def _drafts(room: Room, added: int | None = None) -> Response:
    found = boards.drafts_of(room.pk)
    kept = [market for market in found if markets.state_of(market) is None]
    described_ = [boards.describe(market, None) for market in kept]
    return respond(Drafts(described_, added or 0), 200 if added is None else 201)


def _questions(text: str) -> list[NewMarket]:
    """The questions of a file. Raises Refused: malformed, with the lines that are wrong."""
    wrong: list[dict[str, object]] = []
    questions: list[NewMarket] = []
    try:
        rows = question_csv.rows(text)
    except question_csv.LineError as error:
        raise _lines_refused([_told(1, error.field, error.why)]) from None
    for number, row in rows:
        try:
            question = question_csv.read(row)
            told = markets.texts(question)
            questions.append(
                msgspec.structs.replace(question, question=told.question, outcomes=told.labels)
            )
        except question_csv.LineError as error:
            wrong.append(_told(number, error.field, error.why))
        except Refused as refused:
            told_why = refused.detail.get("hint", refused.message)
            wrong.append(_told(number, str(refused.detail.get("field", "")), str(told_why)))
    if wrong:
        raise _lines_refused(wrong)
    return questions


def _told(line: int, field: str, why: str) -> dict[str, object]:
    return {"line": line, "field": field, "message": why}


def _lines_refused(wrong: list[dict[str, object]]) -> Refused:
    first = wrong[0]
    message = _("Line %(line)s: %(message)s") % first
    detail = {"field": "csv", "hint": message, "lines": wrong[:LINES_TOLD_MAX]}
    return Refused("malformed", message, detail=detail)
