"""Paying a decided market out, to the last coin. Killed anywhere, the next call goes on.

decided → the ledger has caught up → its sums are the bank's, else the market is frozen and nothing
is paid → one list of items from ledger rows → the bank pays it in chunks → done.
"""

import logging
import time
from collections.abc import Mapping

from betting import bank, ledger, payouts
from betting.bank.refusals import ask, read
from betting.ledger.market_projection import project_hold
from betting.models import Market
from betting.wire import boards, broadcast
from rooms.models import Room
from web.refusals import Refused

PATIENCE_S = 2.0

log = logging.getLogger(__name__)


def finish(market_id: int, *, within_s: float | None = None) -> bool:
    """Pay whatever a decided market still owes, from where it stands now; as `pay`."""
    (market,) = boards.rows(pk=market_id)
    state = read(market.room.club_id, [market_id]).states.get(market_id)
    return pay(market, state, within_s=within_s) is not None


def pay(
    market: Market, state: bank.MarketState | None, *, within_s: float | None = None
) -> Market | None:
    """Pay whatever a decided market still owes; returns its row with the result, once recorded.

    May be called at any time, by any number of processes, after any kill: the bank keeps a
    cursor into the one list of items and pays none twice. Returns None while something is owed:
    the market is undecided or on hold, or `within_s` was over and the rest is left to the clock.
    """
    if market.is_final:
        return market
    if state is None or not state.decision or state.frozen:
        return None
    until_s = time.monotonic() + within_s if within_s is not None else None
    if state.status not in boards.FINAL:
        settlement = _settlement_of(market, state)
        paid = settlement and _pay(market, state, settlement, until_s)
        if not paid:
            return None
        state = paid
    return _close(market, state)


def give_back(club_id: int, market_id: int) -> bool:
    """Call off a market that SQL has lost, and give every stake back; False when it cannot be.

    One whose result stands already is paid by that, once its time is over. Repeating it changes
    nothing. Raises Refused: unavailable, not_due; BankAway, JournalBroken.
    """
    market = Market(pk=market_id)
    state = read(club_id, [market_id]).states.get(market_id)
    if state is None or state.frozen:
        return False
    market.room = Room(pk=state.room_id, club_id=club_id)
    if not state.decision:
        call_off = bank.decide(club_id, market_id, kind="void", command="void", by=None)
        call = bank.make_official(club_id, market_id) if state.result else call_off
        state = ask(call).state
    settlement = _settlement_of(market, state)
    paid = settlement and _pay(market, state, settlement, None)
    ledger.record_all(club_id)
    return paid is not None


def pay_soon(market: Market, state: bank.MarketState | None) -> Market | None:
    """Pay for at most two seconds, as `pay`; what fails or is left over is done by the clock."""
    try:
        return pay(market, state, within_s=PATIENCE_S)
    except (bank.BankAway, bank.BankFull, ledger.JournalBroken, Refused) as error:
        log.warning("market %s is left to the clock: %s", market.pk, error)
        return None


def reckon(
    state: bank.MarketState, stakes: list[payouts.Stake], winners: list[int]
) -> payouts.Settlement:
    """The settlement of the ledger's stakes if these outcomes win; changes nothing."""
    return payouts.settle(
        stakes, winners=winners, takeout_bp=state.takeout_bp, min_bettors=state.min_bettors
    )


def _settlement_of(market: Market, state: bank.MarketState) -> payouts.Settlement | None:
    """The settlement of a decided market; None, and the market is frozen, if sums differ."""
    ledger.wait_for(market.room.club_id, state.decide_seq)
    stakes = ledger.stakes(market.pk, before_ms=state.happened_at_ms)
    if _sums(stakes) != {outcome: coins for outcome, coins in state.pools.items() if coins}:
        log.critical("market %s is frozen: the ledger's sums are not the bank's", market.pk)
        held = ask(bank.freeze(market.room.club_id, market.pk, True))
        project_hold(held)
        broadcast.market_changed(market, held)
        return None
    if state.decision == "void":
        return payouts.call_off(stakes, reason=state.decision_command)
    return reckon(state, stakes, state.winners)


def _sums(stakes: list[payouts.Stake]) -> Mapping[int, int]:
    sums: dict[int, int] = {}
    for stake in stakes:
        coins = stake.coins + stake.late_coins
        sums[stake.outcome_id] = sums.get(stake.outcome_id, 0) + coins
    return sums


def _pay(
    market: Market, state: bank.MarketState, settlement: payouts.Settlement, until_s: float | None
) -> bank.MarketState | None:
    """Pay from the bank's cursor on; the market after it, None when the time is over before.

    Several processes may pay at once: each goes on from the cursor that the bank answers with.
    """
    items, cursor = settlement.items, state.cursor
    name = payouts.settlement_id(items)
    final = settlement.status + (f":{settlement.reason}" if settlement.reason else "")
    while until_s is None or time.monotonic() <= until_s:
        some = [_item(share) for share in items[cursor : cursor + bank.ITEMS_PER_CALL_MAX]]
        is_last = cursor + len(some) == len(items)
        chunk = bank.Chunk(
            settlement=name,
            cursor=cursor,
            items=some,
            final=final if is_last else "",
            takeout_coins=settlement.takeout_coins if is_last else 0,
        )
        paid = ask(bank.pay(market.room.club_id, market.pk, chunk))
        if not paid.is_repeat:
            _tell_paid(market, some)
        if paid.state.status in boards.FINAL:
            return paid.state
        cursor = max(paid.cursor, cursor)
    return None


def _item(share: payouts.Share) -> bank.PayItem:
    return bank.PayItem(
        kind="refund" if share.kind == "refund" else "payout",
        user_id=share.user_id,
        outcome_id=share.outcome_id,
        coins=share.coins,
        stake_coins=share.stake_coins,
        reason=share.reason,
    )


def _tell_paid(market: Market, chunk: list[bank.PayItem]) -> None:
    for why in ("payout", "refund"):
        user_ids = sorted({item.user_id for item in chunk if item.kind == why})
        broadcast.wallets_changed(market.room_id, user_ids, why, market.pk)


def _close(market: Market, state: bank.MarketState) -> Market | None:
    """Record the end and broadcast the result."""
    ledger.record_all(market.room.club_id)
    (recorded,) = boards.rows(pk=market.pk)
    if not recorded.is_final:
        return None
    broadcast.market_changed(recorded, state)
    return recorded
