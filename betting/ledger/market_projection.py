"""The projection of a market: its status, figures and settlement, folded from its entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Sum

from accounts.models import User
from betting.bank.values import Entry, MarketState, read_decision, read_result
from betting.models import Kind, LedgerEntry, Market, Outcome, Position
from rooms import access
from web.rows import set_aside
from web.rows.halving import halved

# Grants and burns may name a market, too; they leave it as it is.
_NOT_OF_MARKETS = frozenset({Kind.GRANT, Kind.BURN})
_COLUMNS = [
    "status", "version", "opened_at_ms", "closes_at_ms", "locked_at_ms", "lock_seq", "decide_seq",
    "decided_by", "happened_at_ms", "official_at_ms", "reason", "settled_at_ms", "coins", "bettors",
]  # fmt: skip
# What bets alone move.
_OF_BETS = ("version", "coins", "bettors")
_OF_OUTCOMES = ("coins", "heads", "won")

# The columns of a market as they are before its first entry.
UNBEGUN: dict[str, Any] = {
    "status": Market.Status.DRAFT, "version": 0, "opened_at_ms": None, "closes_at_ms": None,
    "locked_at_ms": None, "lock_seq": None, "decide_seq": None, "decided_by_id": None,
    "happened_at_ms": None, "official_at_ms": None, "reason": "", "settled_at_ms": None,
    "coins": 0, "bettors": 0, "settlement": None,
}  # fmt: skip


def project_hold(state: MarketState) -> None:
    """Note that a market is on hold, or no longer: the one change that has no entry."""
    Market.objects.filter(pk=state.id).update(frozen=state.frozen, version=state.version)


def project_markets(entries: Iterable[Entry]) -> None:
    """Bring markets and outcomes from before these entries to after them.

    Ledger and positions hold the entries already. Markets that SQL does not know are passed over.
    """
    by_market: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.market_id is not None and entry.kind not in _NOT_OF_MARKETS:
            by_market.setdefault(entry.market_id, []).append(entry)
    if not by_market:
        return
    found = Market.objects.select_for_update().filter(pk__in=by_market).order_by("pk")
    markets = list(found)
    outcomes = Outcome.objects.filter(market__in=markets).order_by("pk").in_bulk()
    before = {pk: _figures(outcome) for pk, outcome in outcomes.items()}
    folded = [market for market in markets if _fold_all(market, outcomes, by_market[market.pk])]
    _leave_out_erased(folded)
    done = {pk for pk, some in by_market.items() if some[-1].kind == Kind.DONE}
    only_bet_on = {
        pk for pk, some in by_market.items() if all(entry.kind == Kind.BET for entry in some)
    }

    def write(some: Sequence[Market]) -> None:
        shown = {market.pk for market in some}
        moved = [
            outcome
            for pk, outcome in outcomes.items()
            if outcome.market_id in shown and _figures(outcome) != before[pk]
        ]
        stepped = [market for market in some if market.pk not in only_bet_on]
        with transaction.atomic():
            _update(Market, _OF_BETS, [market for market in some if market.pk in only_bet_on])
            if stepped:
                Market.objects.bulk_update(stepped, _COLUMNS)
            _update(Outcome, _OF_OUTCOMES, moved)
            for market in some:
                if market.pk in done:
                    Market.objects.filter(pk=market.pk).update(settlement=_settlement(market))

    halved(folded, write, set_aside=_set_aside)


def _figures(outcome: Outcome) -> tuple[object, ...]:
    return tuple(getattr(outcome, column) for column in _OF_OUTCOMES)


def _update(model: type[Model], columns: Sequence[str], rows: Iterable[Model]) -> None:
    """Write columns of rows; by far the most of the ledger's steps do nothing else to markets."""
    sets = ", ".join(f"{column} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s",
            [[*(getattr(row, column) for column in columns), row.pk] for row in rows],
        )


def _fold_all(market: Market, outcomes: dict[int, Outcome], entries: Sequence[Entry]) -> bool:
    """Fold the entries of a market; one with an entry that makes no sense is set aside: False."""
    bettors = market.bettors
    try:
        for entry in entries:
            _fold(market, outcomes, entry)
    except ValueError as error:
        _set_aside(market, error)
        return False
    if market.hedging:
        market.bettors = bettors + _count_new_bettors(market.pk, entries)
    return True


def _set_aside(market: Market, error: Exception) -> None:
    """Leave a market as SQL shows it; `manage.py reproject` makes it anew from the ledger."""
    set_aside.put("shown question", error, fields={"market": market.pk})


def fold_anew(
    market: Market, outcomes: dict[int, Outcome], entries: Iterable[Entry]
) -> dict[int, Outcome]:
    """Make a market anew from all its entries; returns its outcomes made anew. Saves nothing."""
    for name, value in UNBEGUN.items():
        setattr(market, name, value)
    fresh = {pk: Outcome(pk=pk, market_id=market.pk) for pk in outcomes}
    bettors = set()
    for entry in entries:
        _fold(market, fresh, entry)
        if entry.kind == Kind.BET:
            bettors.add(entry.user_id)
    market.bettors = len(bettors)
    return fresh


def count_out_of_rooms(entries: Iterable[Entry]) -> None:
    """Take markets that ended off their rooms' counts of open ones.

    No projection: each entry is counted once, when it is recorded, and never folded again.
    """
    ended = [entry.market_id or 0 for entry in entries if entry.kind == Kind.DONE]
    markets = Market.objects.filter(pk__in=ended).order_by("room_id")
    for room_id in markets.values_list("room_id", flat=True) if ended else ():
        access.lower_open_markets(room_id)


def _fold(market: Market, outcomes: dict[int, Outcome], entry: Entry) -> None:
    """One entry of a market; payments change only its version."""
    market.version = max(market.version + 1, entry.seq)
    match entry.kind:
        case Kind.OPEN:
            market.status = Market.Status.OPEN
            market.opened_at_ms = entry.at_ms
            market.closes_at_ms = int(entry.command.removeprefix("closes:")) or None
        case Kind.BET:
            _fold_bet(market, outcomes.get(entry.outcome_id or 0), entry)
        case Kind.LOCK:
            market.status = Market.Status.LOCKED
            market.locked_at_ms, market.lock_seq = entry.at_ms, entry.seq
        case Kind.RESULT:
            market.official_at_ms = entry.at_ms + read_result(entry.command)[1]
        case Kind.WITHDRAW:
            market.official_at_ms = None
        case Kind.SETTLE:
            market.official_at_ms = None
            market.decide_seq, market.decided_by_id = entry.seq, entry.user_id
            winners, market.happened_at_ms = read_decision(entry.command)
            for winner in outcomes.keys() & winners:
                outcomes[winner].won = True
        case Kind.VOID:
            market.official_at_ms = None
            market.decide_seq, market.decided_by_id = entry.seq, entry.user_id
            market.reason = entry.command
        case Kind.DONE:
            market.status, _, market.reason = entry.command.partition(":")
            market.settled_at_ms = entry.at_ms


def _fold_bet(market: Market, outcome: Outcome | None, entry: Entry) -> None:
    is_first = _is_first(entry)
    market.coins += entry.coins
    market.bettors += is_first
    if outcome is not None:
        outcome.coins += entry.coins
        outcome.heads += is_first


def _count_new_bettors(market_id: int, entries: Sequence[Entry]) -> int:
    """Count the users who are on a market since these entries, a user on several outcomes once."""
    bets = [entry for entry in entries if entry.kind == Kind.BET]
    came = {entry.user_id or 0 for entry in bets if _is_first(entry)}
    if not came:
        return 0
    earlier = Position.objects.filter(
        market_id=market_id, user_id__in=came, first_seq__lt=entries[0].seq
    )
    return len(came) - earlier.order_by().values("user_id").distinct().count()


def _is_first(entry: Entry) -> bool:
    """Whether a bet opened a position: one only grows, and is as large as its first stake once."""
    return entry.position_after == entry.coins


def _leave_out_erased(markets: Iterable[Market]) -> None:
    """Leave out users who were erased; their entries keep the number."""
    deciders = {market.decided_by_id for market in markets if market.decided_by_id is not None}
    known = User.objects.in_bulk(deciders) if deciders else {}
    for market in markets:
        if market.decided_by_id is not None and market.decided_by_id not in known:
            market.decided_by_id = None


def _settlement(market: Market) -> dict[str, Any]:
    entries = LedgerEntry.objects.filter(market_id=market.pk).order_by()
    bets = entries.filter(kind=Kind.BET).aggregate(coins=Sum("coins"))
    others = entries.exclude(kind=Kind.BET).values_list("kind", "command").annotate(Sum("coins"))
    moves = [(Kind.BET.value, "", bets["coins"] or 0), *others]
    return settlement_of(market, market.outcomes.all(), moves)


def rename_decider(user: User) -> None:
    """Show a user by their present nickname in all settlements that they decided."""
    for market in Market.objects.filter(decided_by=user).exclude(settlement=None):
        by = {"id": user.pk, "nickname": user.nickname}
        market.settlement = {**(market.settlement or {}), "by": by}
        market.save(update_fields=["settlement"])


def settlement_of(
    market: Market, outcomes: Iterable[Outcome], moves: Iterable[tuple[str, str, int]]
) -> dict[str, Any]:
    """The settlement as clients are shown it, from kind, command and coins of its entries."""
    coins: defaultdict[str, int] = defaultdict(int)
    refunded: dict[str, int] = {}
    for kind, command, moved in moves:
        coins[kind] += int(moved)
        if kind == Kind.REFUND:
            reason = command.partition(":")[2]
            refunded[reason] = refunded.get(reason, 0) + int(moved)
    by = market.decided_by
    return {
        "winners": [outcome.pk for outcome in outcomes if outcome.won],
        "happened_at_ms": market.happened_at_ms,
        "coins": coins[Kind.BET] - refunded.get("past_post", 0),
        "takeout": coins[Kind.TAKEOUT],
        "paid": coins[Kind.PAYOUT],
        "refunded": refunded,
        "by": {"id": by.pk, "nickname": by.nickname} if by else None,
        "at_ms": market.settled_at_ms,
    }
