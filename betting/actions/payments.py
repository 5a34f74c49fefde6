"""Paying a decided market out, to the last coin. Killed anywhere, the next call goes on.

decided → the ledger has caught up → its sums are the bank's, else the market is frozen and nothing
is paid → one list of items from ledger rows → the bank pays it in chunks → done.
"""

import logging
import time
from collections.abc import Mapping

from django.db import transaction

from betting import bank, ledger, payouts
from betting.bank.refusals import ask, read
from betting.ledger.market_projection import project_hold
from betting.models import Market
from betting.wire import boards, broadcast
from rooms import access
from rooms.models import Room
from web.refusals import Refused

PATIENCE_S = 2.0

log = logging.getLogger(__name__)


def finish(market_id: int, *, within_s: float | None = None) -> bool:
    """Pay whatever a decided market still owes. True: it is paid in full and recorded.

    May be called at any time, by any number of processes, after any kill: the bank keeps a
    cursor into the one list of items and pays none twice. With `within_s` it may stop earlier
    and leave the rest to the clock.
    """
    until_s = time.monotonic() + within_s if within_s is not None else None
    market = Market.objects.select_related("room").get(pk=market_id)
    if market.is_final:
        return True
    state = read(market.room.club_id, [market_id]).states.get(market_id)
    if state is None or not state.decision or state.frozen:
        return False
    if state.status not in boards.FINAL:
        settlement = _reckon(market, state)
        if settlement is None or not _pay(market, state, settlement, until_s):
            return False
    return _close(market)


def reckon(
    market: Market, state: bank.MarketState, winners: list[int], happened_at_ms: int | None
) -> payouts.Settlement:
    """What naming these winners means, from ledger rows; changes nothing.

    The ledger must have reached the lock.
    """
    return payouts.settle(
        ledger.stakes(market.pk, before_ms=happened_at_ms),
        winners=winners,
        takeout_bp=state.takeout_bp,
        min_bettors=state.min_bettors,
    )


def _reckon(market: Market, state: bank.MarketState) -> payouts.Settlement | None:
    """The settlement of a decided market; None, and the market is frozen, if sums differ."""
    ledger.wait_for(market.room.club_id, state.decide_seq)
    stakes = ledger.stakes(market.pk)
    if _sums(stakes) != {outcome: coins for outcome, coins in state.pools.items() if coins}:
        log.critical("market %s is frozen: the ledger's sums are not the bank's", market.pk)
        project_hold(ask(bank.freeze(market.room.club_id, market.pk, True)))
        broadcast.market_changed(market.pk)
        return None
    if state.decision == "void":
        return payouts.call_off(stakes, reason=state.decision_command)
    happened_at_ms = boards.happened_at_ms_of(state)
    return reckon(market, state, boards.winners_of(state), happened_at_ms)


def _sums(stakes: list[payouts.Stake]) -> Mapping[int, int]:
    sums: dict[int, int] = {}
    for stake in stakes:
        coins = stake.coins + stake.late_coins
        sums[stake.outcome_id] = sums.get(stake.outcome_id, 0) + coins
    return sums


def _pay(
    market: Market, state: bank.MarketState, settlement: payouts.Settlement, until_s: float | None
) -> bool:
    """Pay from the bank's cursor on; False when the time is over before the end.

    Several may pay at once: each goes on from the cursor that the bank answers with.
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
            return True
        cursor = max(paid.cursor, cursor)
    return False


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


def _close(market: Market) -> bool:
    """Record the end, count the room's open markets again, and tell the result."""
    ledger.record_all(market.room.club_id)
    market.refresh_from_db()
    if not market.is_final:
        return False
    count_open(market.room_id)
    broadcast.market_changed(market.pk)
    return True


def count_open(room_id: int) -> None:
    """Bring a room's column of undecided markets up to date."""
    with transaction.atomic():
        # Under the same lock as opening, so that a count cannot overtake an opening.
        room = Room.objects.select_for_update().get(pk=room_id)
        access.set_open_markets(room_id, count_undecided(states_of(room)))


def states_of(room: Room) -> dict[int, bank.MarketState]:
    """The markets of a room that the bank holds and SQL does not know as final."""
    ids = Market.objects.filter(room=room).exclude(status__in=boards.FINAL)
    return read(room.club_id, list(ids.values_list("id", flat=True))).states


def count_undecided(states: Mapping[int, bank.MarketState]) -> int:
    """How many of these are open or locked."""
    return sum(state.status not in boards.FINAL for state in states.values())


def finish_soon(market_id: int) -> bool:
    """Pay for at most two seconds, for a request; whatever stands in the way is left to the clock.

    True: it is paid in full.
    """
    try:
        return finish(market_id, within_s=PATIENCE_S)
    except (bank.BankAway, bank.BankFull, ledger.JournalBroken, Refused) as error:
        log.warning("market %s is left to the clock: %s", market_id, error)
        return False
