"""What a reader may see of a market: every builder of a frame or a body asks here.

A draft is for those who run the room. So are, until its lock, the figures of a blind market: what
is on each answer, and so odds and shares. How many people have bet is told to everybody.
"""

from collections.abc import Collection

import msgspec
from django.db.models import QuerySet

from accounts.models import User
from accounts.sockets.frames import encode
from betting.models import Market
from betting.wire.messages import MarketBoard, MarketChanged, Pools
from rooms import access
from rooms.models import Membership
from web.threads import read_sql

PERMISSION = "betting.change_market"
_KNOWN_MAX = 10_000
_DECIDED = (Market.Status.SETTLED, Market.Status.VOID)

# Whether an opened market is blind, by its number and opening; that never changes.
_blind: dict[tuple[int, int], bool] = {}


def runs_room(user: User | None, membership: Membership | None) -> bool:
    """Whether a request's user sees all: host, co-host, or an operator who may change markets."""
    if user is not None and user.is_staff and user.has_perm(PERMISSION):
        return True
    return membership is not None and membership.role in access.RUNS_ROOM


def seen(board: MarketBoard, *, runs_room: bool) -> MarketBoard | None:
    """What a reader may see of a market; None for one that the reader may not know of."""
    if runs_room:
        return board
    if board.status == Market.Status.DRAFT:
        return None
    if not _hides(board.status, is_blind=board.blind):
        return board
    outcomes = [
        msgspec.structs.replace(outcome, coins=None, heads=None, odds=None)
        for outcome in board.outcomes
    ]
    return msgspec.structs.replace(board, coins=None, outcomes=outcomes)


def all_seen(boards: Collection[MarketBoard], *, runs_room: bool) -> list[MarketBoard]:
    """What a reader may see of several markets, as `seen`."""
    found = (seen(board, runs_room=runs_room) for board in boards)
    return [board for board in found if board is not None]


def frames(board: MarketBoard, now_ms: int) -> tuple[str, str | None]:
    """The frames of a changed market: for all, and for those who run the room where it differs."""
    others = seen(board, runs_room=False)
    if others is board:
        return encode(MarketChanged(market=board, now_ms=now_ms)), None
    text = encode(MarketChanged(market=others, now_ms=now_ms)) if others else ""
    return text, encode(MarketChanged(market=board, now_ms=now_ms))


def pools_frames(pools: Pools, status: str, *, is_blind: bool) -> tuple[str, str | None]:
    """The frames of new figures, as `frames`."""
    if not _hides(status, is_blind=is_blind):
        return encode(pools), None
    outcomes = [
        msgspec.structs.replace(figures, coins=None, heads=None, odds=None)
        for figures in pools.outcomes
    ]
    return encode(msgspec.structs.replace(pools, outcomes=outcomes)), encode(pools)


def may_see_figures(board: MarketBoard, *, runs_room: bool) -> bool:
    """Whether a reader may know what is, or was, on each answer."""
    return runs_room or not _hides(board.status, is_blind=board.blind)


def decided(room_id: int) -> QuerySet[Market]:
    """The markets of a room that hide nothing any more: paid, or given back."""
    return Market.objects.filter(room_id=room_id, status__in=_DECIDED)


def decided_in_club(club_id: int, *, since_ms: int) -> QuerySet[Market]:
    """The markets of all rooms of a club that were decided since a time and hide nothing."""
    markets = Market.objects.filter(room__club=club_id, status__in=_DECIDED)
    return markets.filter(settled_at_ms__gte=since_ms)


def known_blind(market_id: int, opened_at_ms: int) -> bool | None:
    """Whether an opened market is blind, as far as this process knows."""
    return _blind.get((market_id, opened_at_ms))


async def is_blind(market_id: int, opened_at_ms: int) -> bool:
    """Whether an opened market is blind; read from SQL once in each process.

    Raises Refused: busy, unavailable.
    """
    key = market_id, opened_at_ms
    if key not in _blind:
        if len(_blind) >= _KNOWN_MAX:
            _blind.clear()
        found = Market.objects.filter(pk=market_id, blind=True)
        _blind[key] = await read_sql(found.exists)
    return _blind[key]


def _hides(status: str, *, is_blind: bool) -> bool:
    return is_blind and status == Market.Status.OPEN
