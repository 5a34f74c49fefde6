"""Markets that the ledger knows and SQL does not: a replica that took over never heard of them."""

from django.db.models import Case, F, Sum, When

from betting.models import LedgerEntry, Market

# The coins a market holds: in by bets, out by payouts, refunds and the takeout.
HELD = Case(
    When(credit="market", then=F("coins")), When(debit="market", then=-F("coins")), default=0
)


def lost_markets(club_id: int) -> dict[int, int]:
    """The coins that are left in each. Reads the club's entries."""
    entries = LedgerEntry.objects.filter(club_id=club_id, market_id__isnull=False)
    unknown = entries.exclude(market_id__in=Market.objects.values("pk")).order_by()
    held = unknown.values_list("market_id").annotate(held=Sum(HELD)).filter(held__gt=0)
    return {market_id or 0: int(coins) for market_id, coins in held}
