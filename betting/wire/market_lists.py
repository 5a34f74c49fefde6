"""The questions of a room by what has become of them, a page at a time."""

import math
from typing import Literal

from msgspec import UNSET

from betting.bank.refusals import read
from betting.models import Market
from betting.wire import boards
from betting.wire.messages import MarketBoard
from rooms.api.room_view import page_of
from rooms.models import Room
from web.contract.fields import PageQuery

PER_PAGE = 50
Status = Literal["running", "open", "locked", "settled", "void"]
_RUNNING = (Market.Status.OPEN, Market.Status.LOCKED)


class MarketsQuery(PageQuery, frozen=True):
    """Which questions: running ones are open or locked. Drafts have a list of their own."""

    status: Status = "running"


def page(room: Room, query: MarketsQuery) -> tuple[list[MarketBoard], int | None]:
    """The questions of a room, newest first, and the id to go on before, if there is more.

    Raises Refused: unavailable.
    """
    undecided = boards.rows(room=room, status__in=(Market.Status.DRAFT, *_RUNNING))
    states = read(room.club_id, [market.pk for market in undecided]).states
    # What the bank has decided is recorded by this, so that SQL tells of it below.
    undecided = boards.refresh(undecided, states)
    if query.status in boards.FINAL:
        decided = boards.with_outcomes(room=room, status=query.status)
        rows, before_id = page_of(decided, query, PER_PAGE)
        return [boards.describe(market, None) for market in rows], before_id
    wanted = _RUNNING if query.status == "running" else (query.status,)
    shown = [boards.describe(market, states.get(market.pk)) for market in undecided]
    before = math.inf if query.before is UNSET else query.before
    return [board for board in shown if board.status in wanted and board.id < before], None
