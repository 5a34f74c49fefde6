"""Comparisons of markets and positions: SQL and the bank against the bets of the ledger."""

from collections.abc import Sequence

from django.db.models import Count, Min, Q, QuerySet, Sum

from betting.audit.comparisons.differences import Difference, read_and_record, still, unequal
from betting.bank.values import MarketState
from betting.ledger.lost_markets import HELD, lost_markets
from betting.models import Kind, LedgerEntry, Market, Outcome, Position


def audit_markets(club_id: int, market_ids: Sequence[int]) -> list[Difference]:
    """Pools, heads, bettors and status; and that a final market holds no coins any more."""
    snapshot = read_and_record(club_id, market_ids, [])
    with still(club_id) as mark:
        markets = Market.objects.in_bulk(market_ids)
        outcomes = list(Outcome.objects.filter(market_id__in=market_ids).order_by("pk"))
        entries = LedgerEntry.objects.filter(market_id__in=market_ids).order_by()
        bets = entries.filter(kind=Kind.BET)
        now, then = _pools(bets), _pools(bets.filter(seq__lte=snapshot.seq))
        bettors_now = _bettors(bets)
        bettors_then = _bettors(bets.filter(seq__lte=snapshot.seq))
        held = dict(entries.values_list("market_id").annotate(held=Sum(HELD)))
    found = []
    for outcome in outcomes:
        of = f"outcome {outcome.pk} of market {outcome.market_id}"
        shown, sums = [outcome.coins, outcome.heads], now.get(outcome.pk, [0, 0])
        found += unequal(f"{of} in SQL", shown, sums, outcome.market_id, side="sql")
        state = snapshot.states.get(outcome.market_id)
        if state is not None:
            pool = [state.pools.get(outcome.pk, 0), state.heads.get(outcome.pk, 0)]
            found += unequal(f"bank's {of}", pool, then.get(outcome.pk, [0, 0]), outcome.market_id)
    for market in markets.values():
        pk, state = market.pk, snapshot.states.get(market.pk)
        found += unequal(
            f"bettors of market {pk} in SQL", market.bettors, bettors_now.get(pk, 0), pk, "sql"
        )
        if state is not None:
            found += unequal(
                f"bank's bettors of market {pk}", state.bettors, bettors_then.get(pk, 0), pk
            )
        if market.is_final:
            found += unequal(f"coins left in market {pk}", 0, held.get(pk, 0), pk, side="ledger")
        found += _compare_status(market, state, is_level=mark.seq == snapshot.seq)
    return found


def audit_lost_markets(club_id: int) -> list[Difference]:
    """Markets that hold coins are there; `lost_questions` gives back what is on others."""
    return [
        Difference(f"market {market_id}, which holds coins,", "missing", coins, side="sql")
        for market_id, coins in lost_markets(club_id).items()
    ]


def audit_positions(club_id: int, market_id: int, user_ids: Sequence[int]) -> list[Difference]:
    """Positions of SQL, and of the bank unless it forgot the market."""
    snapshot = read_and_record(club_id, [market_id], user_ids)
    with still(club_id):
        shown = _shown(market_id, user_ids)
        sums = _sums(market_id, user_ids, snapshot.seq)
    held = {
        (user, outcome): list(figures)
        for (_, user), by_outcome in snapshot.positions.items()
        for outcome, figures in by_outcome.items()
    }
    found = []
    for user, outcome in sorted(sums.keys() | shown.keys() | held.keys()):
        now, then, first_seq = sums.get((user, outcome), (0, 0, 0))
        of = f"position of user {user} on outcome {outcome}"
        in_sql = shown.get((user, outcome), [0, 0])
        found += unequal(f"{of} in SQL", in_sql, [now, first_seq], market_id, side="sql")
        if market_id in snapshot.states:
            in_bank = held.get((user, outcome), [0, 0])
            expected = [then, first_seq] if then else [0, 0]
            found += unequal(f"bank's {of}", in_bank, expected, market_id)
    return found


def unlike_positions(market_id: int) -> list[int]:
    """The users whose positions in SQL are not those of the ledger, or just move."""
    rows = Position.objects.filter(market=market_id).values_list(
        "user_id", "outcome_id", "coins", "first_seq"
    )
    bets = LedgerEntry.objects.filter(market_id=market_id, kind=Kind.BET).order_by()
    sums = bets.values_list("user_id", "outcome_id").annotate(Sum("coins"), Min("seq"))
    unlike = set(rows) ^ {(user, outcome, int(coins), seq) for user, outcome, coins, seq in sums}
    return sorted({user for user, *_ in unlike if user is not None})


def _compare_status(
    market: Market, state: MarketState | None, *, is_level: bool
) -> list[Difference]:
    if state is None:
        if market.is_final or market.status == Market.Status.DRAFT:
            return []
        return [Difference(f"bank's market {market.pk}", "missing", market.status, market.pk)]
    if not is_level:
        return []
    of = f"market {market.pk}"
    found = unequal(f"bank's status of {of}", state.status, market.status, market.pk)
    official_at_ms = market.official_at_ms or 0
    return found + unequal(
        f"bank's result of {of}", state.official_at_ms, official_at_ms, market.pk
    )


def _pools(bets: QuerySet[LedgerEntry]) -> dict[int, list[int]]:
    rows = bets.values_list("outcome_id").annotate(
        pool=Sum("coins"), heads=Count("user_id", distinct=True)
    )
    return {outcome: [int(pool), int(heads)] for outcome, pool, heads in rows}


def _bettors(bets: QuerySet[LedgerEntry]) -> dict[int, int]:
    return dict(bets.values_list("market_id").annotate(people=Count("user_id", distinct=True)))


def _shown(market_id: int, user_ids: Sequence[int]) -> dict[tuple[int, int], list[int]]:
    rows = Position.objects.filter(market_id=market_id, user_id__in=user_ids).values_list(
        "user_id", "outcome_id", "coins", "first_seq"
    )
    return {(user, outcome): figures for user, outcome, *figures in rows}


def _sums(
    market_id: int, user_ids: Sequence[int], seq: int
) -> dict[tuple[int, int], tuple[int, int, int]]:
    """By user and outcome: coins now, coins at `seq`, seq of the first bet."""
    bets = LedgerEntry.objects.filter(market_id=market_id, kind=Kind.BET, user_id__in=user_ids)
    rows = (
        bets.order_by()
        .values_list("user_id", "outcome_id")
        .annotate(now=Sum("coins"), then=Sum("coins", filter=Q(seq__lte=seq)), first=Min("seq"))
    )
    return {
        (user, outcome): (int(now), int(then or 0), first)
        for user, outcome, now, then, first in rows
    }
