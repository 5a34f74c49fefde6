"""The unofficial result of a market: its author, and its payouts once it is official."""

import logging
from functools import lru_cache

from betting import ledger, payouts
from betting.bank.values import MarketState, read_decision
from betting.models import Market
from betting.wire.messages import Official, WouldBe
from betting.wire.previews import would_be
from rooms.messages import Person
from rooms.names import names_of

MARKETS_REMEMBERED = 256

log = logging.getLogger(__name__)


def official_of(market: Market, state: MarketState) -> Official | None:
    """The result that stands on a market, or None."""
    if not state.result:
        return None
    kind, _, command = state.result.partition(":")
    winners, happened_at_ms = read_decision(command) if kind == "settle" else ([], None)
    return Official(
        winners=winners,
        happened_at_ms=happened_at_ms,
        by=_person(market.room_id, state.result_by),
        official_at_ms=state.official_at_ms,
        would_be=_would_be(market, state),
    )


def _person(room_id: int, user_id: int | None) -> Person | None:
    nickname = names_of(room_id, {user_id}).get(user_id) if user_id else None
    return Person(user_id, nickname) if user_id and nickname else None


def _would_be(market: Market, state: MarketState) -> WouldBe:
    try:
        ledger.wait_for(market.room.club_id, state.lock_seq)
    except ledger.JournalBroken as error:
        # The figures of SQL are shown; the clock logs the broken journal, too, and nothing is paid.
        log.error("market %s: %s", market.pk, error)
    return _of_ledger(
        market.pk, state.result, state.official_at_ms, state.takeout_bp, state.min_bettors
    )


# After the lock no stake comes or goes, so one result of a market has one settlement.
@lru_cache(MARKETS_REMEMBERED)
def _of_ledger(
    market_id: int, result: str, _official_at_ms: int, takeout_bp: int, min_bettors: int
) -> WouldBe:
    kind, _, command = result.partition(":")
    if kind == "void":
        return would_be(payouts.call_off(ledger.stakes(market_id), reason=command))
    winners, happened_at_ms = read_decision(command)
    stakes = ledger.stakes(market_id, before_ms=happened_at_ms)
    return would_be(
        payouts.settle(stakes, winners=winners, takeout_bp=takeout_bp, min_bettors=min_bettors)
    )
