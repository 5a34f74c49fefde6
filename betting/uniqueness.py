"""What may stand in the ledger once: a bet of a user on a market, a grant or burn of a club."""

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Cast, Concat

_BET = Concat(
    Cast("market_id", models.CharField()),
    Value("|"),
    Cast("user_id", models.CharField()),
    Value("|"),
    F("command"),
)
_GRANT_OR_BURN = Concat(Cast("club_id", models.CharField()), Value("|"), F("command"))

# NULL for every other entry, and of NULLs an index holds as many as there are.
ONCE = Case(
    When(kind="bet", then=_BET),
    When(kind__in=["grant", "burn"], then=_GRANT_OR_BURN),
)
