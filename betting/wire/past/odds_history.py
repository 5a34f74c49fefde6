"""How the shares of a market's answers moved, from its bets in the ledger."""

from collections.abc import Sequence

from msgspec import Struct

from betting.models import Kind, LedgerEntry, Market

POINTS_MAX = 200


class OddsPoint(Struct):
    """What part of all coins was on each answer after a bet, in basis points, floored."""

    at_ms: int
    shares: list[int]


class OddsAnswer(Struct):
    """At most 200 points, the first and the last bet among them; answers in their order."""

    points: list[OddsPoint]


def odds_of(market: Market) -> OddsAnswer:
    """The points of a market as the ledger has it; of many bets every so-manieth is told."""
    bets = LedgerEntry.objects.filter(market_id=market.pk, kind=Kind.BET).order_by("seq")
    rows = list(bets.values_list("at_ms", "outcome_id", "coins"))
    kept = set(_kept(len(rows)))
    pools = {outcome.pk: 0 for outcome in market.outcomes.all()}
    points = []
    for place, (at_ms, outcome_id, coins) in enumerate(rows):
        pools[outcome_id or 0] += coins
        if place in kept:
            points.append(OddsPoint(at_ms, _shares(list(pools.values()))))
    return OddsAnswer(points)


def _kept(count: int) -> Sequence[int]:
    """The places that are told, of so many: evenly spread, the first and the last among them."""
    if count <= POINTS_MAX:
        return range(count)
    return [place * (count - 1) // (POINTS_MAX - 1) for place in range(POINTS_MAX)]


def _shares(pools: list[int]) -> list[int]:
    total = sum(pools)
    return [10_000 * coins // total for coins in pools]
