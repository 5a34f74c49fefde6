"""The room or market that a request names, as far as its caller may know of it."""

from rest_framework.request import Request
from rest_framework.response import Response

from betting.actions import markets
from betting.models import Market
from betting.wire import boards, sight
from betting.wire.messages import MarketBoard
from rooms import access
from rooms.api.room_view import caller, known_room, screen_of
from rooms.keys import narrow_keys
from rooms.keys.key_authentication import key_of
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
    refuse_strangers(request, market.room)
    if market.status == Market.Status.DRAFT:
        _require_sight(market, request)
    return market


def runs_room(request: Request, room: Room) -> bool:
    """Whether the caller sees all: who runs the room, or a key that runs its questions."""
    key, user = key_of(request), caller(request)
    if key is not None and not narrow_keys.runs_questions(key):
        return False
    return sight.runs_room(user, access.membership(room, user))


def _require_sight(draft: Market, request: Request) -> None:
    if runs_room(request, draft.room):
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
    # What the maker of a key has on a market is none of the program's.
    user = None if key_of(request) else caller(request)
    is_member = access.membership(market.room, user) is not None
    board = boards.board_of(market, user.pk if user and is_member else None)
    shown = sight.seen(board, runs_room=runs_room(request, market.room))
    if shown is None:
        raise Refused("not_found")
    return shown
