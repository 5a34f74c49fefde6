"""What people hold, by the ledger: wallets and positions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from betting.models.market_tables import Market, Outcome
from rooms.models import Club


class Wallet(models.Model):
    """A user's spendable coins in a club after the entry `seq`."""

    club = models.ForeignKey(Club, on_delete=models.PROTECT, db_index=False, verbose_name=_("club"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wallets",
        db_constraint=False, verbose_name=_("user"),
    )  # fmt: skip
    coins = models.BigIntegerField(_("coins"))
    seq = models.BigIntegerField(_("seq"))

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.UniqueConstraint(fields=["club", "user"], name="wallet_once"),
            models.CheckConstraint(condition=Q(coins__gte=0), name="wallet_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.coins}"


class Position(models.Model):
    """All coins one user staked on one outcome; it stays as it was when the market is paid."""

    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, related_name="positions", db_constraint=False,
        db_index=False, verbose_name=_("market"),
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="positions",
        db_constraint=False, verbose_name=_("user"),
    )  # fmt: skip
    outcome = models.ForeignKey(
        Outcome, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("outcome"),
    )  # fmt: skip
    coins = models.BigIntegerField(_("coins"))
    first_seq = models.BigIntegerField(_("seq of the first bet"))

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(fields=["market", "user", "outcome"], name="position_once"),
            models.CheckConstraint(
                condition=Q(coins__gt=0, first_seq__gt=0), name="position_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.outcome_id}: {self.coins}"
