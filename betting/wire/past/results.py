"""The result of a paid market, for everybody: the largest winners, and what each outcome paid.

Read from the ledger through its index of the market; the result of a market never changes.
"""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Window

from betting.models import Kind, LedgerEntry, Market, Position
from betting.wire.answers import OutcomeOdds, ResultAnswer
from betting.wire.past.history import ranked

TOP_ROWS = 3
_PAID = Sum("coins", filter=Q(kind=Kind.PAYOUT), default=0)
_LATE = Sum("coins", filter=Q(kind=Kind.REFUND), default=0)


def result_of(market: Market) -> ResultAnswer:
    """The three largest profits by nickname, how many people were paid, the odds that were paid.

    A profit is all coins that a user got back on this market less all that were staked; users who
    gained nothing are not listed. Odds hold for the stakes that counted (rule 7), also where
    several answers won. A market that is void has paid nobody.
    """
    paid = _paid_people(market.pk)
    people = paid[0][2] if paid else 0
    gains = [(user_id, net) for user_id, net, _people in paid if net > 0]
    top = ranked(market.room_id, gains)
    return ResultAnswer(top=top, people=people, odds=_odds_paid(market))


def _paid_people(market_id: int) -> list[tuple[int, int, int]]:
    """(user, net, how many were paid at all) of the three who gained most.

    Stakes come from the positions, so that no more rows are read than there are people paid.
    """
    staked = Position.objects.filter(market_id=market_id, user_id=OuterRef("user_id"))
    staked_coins = staked.order_by().values("user_id").annotate(all=Sum("coins")).values("all")
    people = _back(market_id).values("user_id")
    won = people.annotate(paid=_PAID, net=Sum("coins") - Subquery(staked_coins))
    counted = won.filter(paid__gt=0).annotate(people=Window(Count("*")))
    rows: Any = counted.order_by("-net", "user_id").values_list("user_id", "net", "people")
    return [(user_id, int(net), people) for user_id, net, people in rows[:TOP_ROWS]]


def _odds_paid(market: Market) -> list[OutcomeOdds]:
    """The return of one coin on each winner, floored to hundredths; none for one without coins."""
    sums = _back(market.pk).values("outcome_id").annotate(paid=_PAID, late=_LATE)
    back = {row["outcome_id"]: (int(row["paid"]), int(row["late"])) for row in sums}
    return [
        OutcomeOdds(outcome=outcome.pk, odds=100 * paid // (outcome.coins - late) / 100)
        for outcome in market.outcomes.all()
        for paid, late in [back.get(outcome.pk, (0, 0))]
        if paid
    ]


def _back(market_id: int) -> QuerySet[LedgerEntry]:
    """Payouts and refunds; on a settled market refunds are of late stakes only (rule 7)."""
    kinds = [Kind.PAYOUT, Kind.REFUND]
    return LedgerEntry.objects.filter(market_id=market_id, kind__in=kinds).order_by()
