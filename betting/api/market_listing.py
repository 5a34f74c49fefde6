"""The questions of a room over HTTP: listed and made; see docs/protocol.md."""

from typing import ClassVar

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from betting import requested
from betting.actions import markets
from betting.wire import market_lists, sight
from betting.wire.answers import MarketList
from betting.wire.links import OF_A_NEW_MARKET
from betting.wire.messages import MarketBoard
from betting.wire.requests import NewMarket
from rooms.api.room_view import page_path
from rooms.keys.key_authentication import counted
from web import limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import parse


class RoomMarkets(APIView):
    """GET POST /api/rooms/{code}/markets/"""

    key_rights: ClassVar[dict[str, str]] = {"GET": "read", "POST": "ask"}

    def get_permissions(self) -> list[AllowAny | SignedIn]:
        """Everybody may read."""
        return [SignedIn() if self.request.method == "POST" else AllowAny()]

    @described(query=market_lists.MarketsQuery, answers={200: MarketList})
    def get(self, request: Request, code: str, query: market_lists.MarketsQuery) -> Response:
        """The questions of a room, newest first; those that run unless `status` says otherwise."""
        room = requested.room(request, code)
        boards, before_id = market_lists.page(room, query)
        shown = sight.all_seen(boards, runs_room=requested.runs_room(request, room))
        return respond(MarketList(shown, page_path(request, before_id)))

    @described(
        asks=NewMarket,
        answers={201: MarketBoard},
        refuses=("room_ended", "too_many_markets"),
        links=OF_A_NEW_MARKET,
    )
    def post(self, request: Request, code: str) -> Response:
        """Make a market, open unless said otherwise; the same key again finds the same one."""
        new = parse(request.data, NewMarket)
        texts = markets.texts(new)
        room = requested.room(request, code)
        user = user_of(request)
        limits.check("markets", counted(request))
        return requested.shown(markets.create(user, room, new, texts), request, 201)
