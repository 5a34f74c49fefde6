"""The board of a market: what everybody sees of it; the bank is read first, then SQL.

In that order, so that a market which the clock forgets in between is found in SQL.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from django.db.models import Q, QuerySet, Sum

from betting import ledger, payouts
from betting.bank.refusals import read
from betting.bank.values import MarketState
from betting.models import Kind, LedgerEntry, Market, Outcome, Position
from betting.wire.messages import (
    Holding,
    MarketBoard,
    Mine,
    OutcomeBoard,
    OutcomeFigures,
    Pools,
    Settlement,
)
from betting.wire.moving import Moving
from betting.wire.official import official_of

FINAL = (Market.Status.SETTLED, Market.Status.VOID)
FINAL_SHOWN = 5

log = logging.getLogger(__name__)


def rows(**where: Any) -> list[Market]:
    """Markets as SQL holds them, with room and outcomes, newest first."""
    return list(with_outcomes(**where).order_by("-id"))


def with_outcomes(**where: Any) -> QuerySet[Market]:
    """Markets with what `describe` needs of them."""
    return Market.objects.filter(**where).select_related("room").prefetch_related("outcomes")


def of_room(room_id: int) -> list[Market]:
    """Every market of a room that is not final, and the last five final ones."""
    final = Market.objects.filter(room_id=room_id, status__in=FINAL).order_by("-id")
    last = list(final.values_list("id", flat=True)[:FINAL_SHOWN])
    shown = ~Q(status__in=FINAL) | Q(id__in=last)
    found = Market.objects.filter(shown, room_id=room_id).select_related("room")
    return list(found.prefetch_related("outcomes").order_by("-id"))


def draft_ids(room_id: int) -> list[int]:
    """The drafts of a room, as SQL has them; the bank may have opened one of them."""
    drafts = Market.objects.filter(room_id=room_id, status=Market.Status.DRAFT)
    return list(drafts.order_by().values_list("id", flat=True))


def drafts_of(room_id: int) -> list[Market]:
    """The drafts of a room in their order, as `draft_ids`."""
    return in_order(rows(room_id=room_id, status=Market.Status.DRAFT))


def in_order(drafts: Iterable[Market]) -> list[Market]:
    """Drafts in the order in which their room shall ask them."""
    return sorted(drafts, key=lambda draft: (draft.position, draft.pk))


def in_bank(markets: Iterable[Market]) -> list[int]:
    """The markets of these that the bank may still hold: all that SQL does not know as final."""
    return [market.id for market in markets if not market.is_final]


def are_behind(markets: Iterable[Market], states: dict[int, MarketState]) -> bool:
    """Whether any of these rows must be read again."""
    return any(_is_behind(market, states.get(market.pk)) for market in markets)


def refresh(markets: Iterable[Market], states: dict[int, MarketState]) -> list[Market]:
    """Read again the rows that are behind the bank: paid there, or already forgotten there.

    Payments are recorded first, so that `settled` and `void` come with their settlement.
    """
    kept = list(markets)
    behind = [market for market in kept if _is_behind(market, states.get(market.id))]
    for club_id in {market.room.club_id for market in behind}:
        _record(club_id)
    fresh = {market.id: market for market in rows(id__in=[market.id for market in behind])}
    return [fresh.get(market.id, market) for market in kept]


def _record(club_id: int) -> None:
    try:
        ledger.record_all(club_id)
    except ledger.JournalBroken as error:
        # The figures of SQL are shown; the clock logs the broken journal, too.
        log.error("club %s: %s", club_id, error)


def _is_behind(market: Market, state: MarketState | None) -> bool:
    if market.is_final or (state is None and market.status == Market.Status.DRAFT):
        return False
    return state is None or state.status in FINAL


def board_of(market: Market, user_id: int | None = None) -> MarketBoard:
    """One market now; with a user, also what that user has on it. SQL alone knows a final one."""
    state, held = None, None
    if not market.is_final:
        seen = read(market.room.club_id, [market.pk], [user_id] if user_id else [])
        state = seen.states.get(market.pk)
        held = seen.positions.get((market.pk, user_id)) if user_id else None
        (market,) = refresh([market], seen.states)
    board = describe(market, state)
    if user_id is not None:
        board.mine = mine(market, board, user_id, held)
    return board


def mine(
    market: Market, board: MarketBoard, user_id: int, held: dict[int, tuple[int, int]] | None
) -> Mine:
    """A user's positions on a market; from SQL where the bank has forgotten it."""
    if held is None and market.is_final:
        found = Position.objects.filter(market=market, user_id=user_id).order_by("outcome_id")
        positions = [Holding(*row) for row in found.values_list("outcome_id", "coins")]
    else:
        positions = holdings(held)
    payout = None
    if board.status in FINAL:
        back = LedgerEntry.objects.filter(
            market_id=market.id, user_id=user_id, kind__in=[Kind.PAYOUT, Kind.REFUND]
        )
        payout = back.aggregate(coins=Sum("coins"))["coins"] or 0
    return Mine(positions=positions, payout=payout)


def final_mine(
    markets: Collection[Market], user_ids: Collection[int]
) -> dict[int, dict[int, Mine]]:
    """The positions on final markets, and what came back, by user and market."""
    found: dict[int, dict[int, Mine]] = {}
    final = [market.pk for market in markets if market.is_final]
    if not final:
        return found
    positions = Position.objects.filter(market__in=final, user__in=user_ids).order_by("outcome_id")
    for user_id, market_id, *held in positions.values_list(
        "user_id", "market_id", "outcome_id", "coins"
    ):
        own = found.setdefault(user_id, {})
        own.setdefault(market_id, Mine([], 0)).positions.append(Holding(*held))
    back = LedgerEntry.objects.filter(
        market_id__in=final, user_id__in=list(found), kind__in=[Kind.PAYOUT, Kind.REFUND]
    )
    sums = back.order_by().values_list("user_id", "market_id").annotate(coins=Sum("coins"))
    for user_id, market_id, coins in sums if found else ():
        found[user_id][market_id].payout = coins
    return found


def holdings(held: dict[int, tuple[int, int]] | None) -> list[Holding]:
    """Positions of the bank in the shape of the wire."""
    return [Holding(outcome, coins) for outcome, (coins, _first) in sorted((held or {}).items())]


def describe(market: Market, state: MarketState | None) -> MarketBoard:
    """A market in the shape of the wire; where the bank knows it, by the bank's figures.

    A market that is paid in the bank and not yet recorded is still shown as being paid.
    """
    outcomes = list(market.outcomes.all())
    is_newer = state is not None and not market.is_final
    moving = Moving.from_bank(state) if state and is_newer else Moving.from_sql(market, outcomes)
    # A market that was on hold has a larger version in the bank than in SQL.
    version = max(market.version, state.version) if state else market.version
    waits_ms = market.unresolved_after_s * 1000
    is_draft = moving.status == Market.Status.DRAFT
    return MarketBoard(
        id=market.id,
        room=market.room.code,
        question=market.question,
        status=moving.status,
        paying=moving.paying,
        frozen=moving.frozen,
        reason=moving.reason,
        reason_text=market.reason_text,
        outcomes=_outcomes(outcomes, moving, market.takeout_bp),
        coins=sum(moving.pools.values()),
        bettors=moving.bettors,
        min_stake=market.min_stake_coins,
        max_stake=market.max_stake_coins,
        min_bettors=market.min_bettors,
        takeout_bp=market.takeout_bp,
        hedging=market.hedging,
        blind=market.blind,
        closes_in_s=market.closes_in_s,
        position=market.position if is_draft else None,
        open_next=market.open_next_since_ms is not None and is_draft,
        version=version,
        closes_at_ms=moving.closes_at_ms,
        opened_at_ms=moving.opened_at_ms,
        locked_at_ms=moving.locked_at_ms,
        settled_at_ms=market.settled_at_ms,
        unresolved_at_ms=moving.locked_at_ms + waits_ms if moving.locked_at_ms else None,
        # A draft takes what its room says when it is opened.
        stream_delay_s=(market.room if is_draft else market).stream_delay_s,
        winners=moving.winners,
        official=official_of(market, state) if state and is_newer else None,
        settlement=_settlement(market),
    )


def _settlement(market: Market) -> Settlement | None:
    kept = market.settlement
    return None if kept is None else msgspec.convert(kept, Settlement)


def _outcomes(outcomes: list[Outcome], moving: Moving, takeout_bp: int) -> list[OutcomeBoard]:
    odds = _odds(moving.pools, takeout_bp)
    return [
        OutcomeBoard(
            id=outcome.id,
            label=outcome.label,
            coins=moving.pools.get(outcome.id, 0),
            heads=moving.heads.get(outcome.id, 0),
            odds=odds.get(outcome.id),
        )
        for outcome in outcomes
    ]


def pools_of(state: MarketState, now_ms: int) -> Pools:
    """The moving figures of a market in the shape of the wire; they need no SQL."""
    odds = _odds(state.pools, state.takeout_bp)
    return Pools(
        market=state.id,
        version=state.version,
        bettors=state.bettors,
        outcomes=[
            OutcomeFigures(id=id_, coins=coins, heads=state.heads.get(id_, 0), odds=odds[id_])
            for id_, coins in sorted(state.pools.items())
        ],
        now_ms=now_ms,
    )


def _odds(pools: Mapping[int, int], takeout_bp: int) -> dict[int, float | None]:
    """Odds as numbers: the only division by a float, and nothing is computed from it."""
    return {
        outcome: None if hundredths is None else hundredths / 100
        for outcome, hundredths in payouts.odds(pools, takeout_bp).items()
    }
