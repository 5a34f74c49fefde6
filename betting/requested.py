"""The room or market that a request names, as far as its caller may know of it."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from betting.actions import markets
from betting.models import Market
from betting.wire import boards, sight
from betting.wire.messages import MarketBoard
from rooms import access
from rooms.api.room_view import caller, known_room, screen_of
from rooms.models import Room
from web.negotiation import respond
from web.refusals import Refused


def room(request: Request, code: str) -> Room:
    """A room that the caller may know of. Raises Refused: not_found."""
    room = known_room(request, code)
    refuse_strangers(request, room)
    return room


def market(request: Request, market_id: int) -> Market:
    """A market of a room that the caller may know of. Raises Refused: not_found."""
    market = markets.find(market_id)
    user = caller(request)
    refuse_strangers(request, market.room)
    if market.status == Market.Status.DRAFT:
        _require_sight(market, user)
    return market


def _require_sight(draft: Market, user: User | None) -> None:
    if sight.runs_room(user, access.membership(draft.room, user)):
        return
    # One that the bank has opened is a draft in SQL for some moments more.
    if markets.state_of(draft) is None:
        raise Refused("not_found")


def refuse_strangers(request: Request, room: Room) -> None:
    """Raises Refused: not_found, for an unlisted room that the caller may not know of."""
    if room.visibility != Room.Visibility.UNLISTED or screen_of(request, room):
        return
    user = caller(request)
    membership = access.membership(room, user)
    if membership is None and not sight.runs_room(user, None):
        raise Refused("not_found")


def shown(market: Market, request: Request, status: int = 200) -> Response:
    return respond(board(market, request), status)


def board(market: Market, request: Request) -> MarketBoard:
    """The market as the caller may see it now; members see their own positions on it."""
    user = caller(request)
    membership = access.membership(market.room, user)
    board = boards.board_of(market, user.pk if user and membership else None)
    shown = sight.seen(board, runs_room=sight.runs_room(user, membership))
    if shown is None:
        raise Refused("not_found")
    return shown
