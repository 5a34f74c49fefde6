"""The ledger: its entries, up to where it stands, its epochs, and corrections by operators."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from betting.models.market_tables import Market
from betting.uniqueness import ONCE
from rooms.models import Club


class Kind(models.TextChoices):
    """What an entry is. The first six move coins, the others mark a step."""

    GRANT = "grant", _("Grant")
    BURN = "burn", _("Burn")
    BET = "bet", _("Bet")
    PAYOUT = "payout", _("Payout")
    REFUND = "refund", _("Refund")
    TAKEOUT = "takeout", _("Takeout")
    OPEN = "open", _("Opened")
    LOCK = "lock", _("Locked")
    RESULT = "result", _("Result named")
    WITHDRAW = "withdraw", _("Result withdrawn")
    SETTLE = "settle", _("Decided")
    VOID = "void", _("Called off")
    DONE = "done", _("Paid in full")


# How the commands of three movements begin; the user's number follows.
WELCOME = "welcome:"
FORGOTTEN = "forgotten:"
REFILL = "refill:"

# The two accounts of each movement: one debit, one credit, so that no entry can be unbalanced.
ACCOUNTS: dict[str, tuple[str, str]] = {
    "grant": ("issue", "wallet"),
    "burn": ("wallet", "issue"),
    "bet": ("wallet", "market"),
    "payout": ("market", "wallet"),
    "refund": ("market", "wallet"),
    "takeout": ("market", "house"),
}


def _movement(kind: str) -> Q:
    debit, credit = ACCOUNTS[kind]
    return Q(kind=kind, debit=debit, credit=credit, coins__gt=0)


_MARKS = ["open", "lock", "result", "withdraw", "settle", "void", "done"]
_WELL_FORMED = Q(kind__in=_MARKS, debit="", credit="", coins=0)
for _kind in ACCOUNTS:
    _WELL_FORMED |= _movement(_kind)


class LedgerEntry(models.Model):
    """One decision of the bank, as the journal told it. Append-only.

    `user` and `market` are plain numbers: people may be erased, entries stay.
    """

    club = models.ForeignKey(
        Club, on_delete=models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("club")
    )
    epoch = models.PositiveIntegerField(_("epoch"))
    seq = models.BigIntegerField(_("seq"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    debit = models.CharField(_("debit"), max_length=6, blank=True)
    credit = models.CharField(_("credit"), max_length=6, blank=True)
    coins = models.BigIntegerField(_("coins"))
    user_id = models.BigIntegerField(_("user"), null=True)
    market_id = models.BigIntegerField(_("market"), null=True)
    outcome_id = models.BigIntegerField(_("outcome"), null=True)
    command = models.CharField(_("command"), max_length=160, blank=True)
    wallet_after = models.BigIntegerField(_("wallet afterwards"), null=True)
    position_after = models.BigIntegerField(_("position afterwards"), null=True)
    at_ms = models.BigIntegerField(_("at"))
    chain = models.CharField(_("chain"), max_length=40)
    once = models.GeneratedField(
        expression=ONCE,
        output_field=models.CharField(max_length=204, null=True),
        db_persist=False,
        unique=True,
    )

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        constraints = [
            models.UniqueConstraint(fields=["club", "seq"], name="ledger_club_seq"),
            models.CheckConstraint(condition=_WELL_FORMED, name="ledger_well_formed"),
            models.CheckConstraint(
                condition=Q(wallet_after__isnull=True) | Q(wallet_after__gte=0),
                name="ledger_wallet_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "club", "seq"], name="ledger_of_user"),
            models.Index(fields=["market_id", "kind", "seq"], name="ledger_of_market"),
        ]

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError: entries come from the journal, through betting/ledger/."""
        raise TypeError("The ledger is append-only.")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises TypeError: entries stay for ever."""
        raise TypeError("The ledger is append-only.")


class Watermark(models.Model):
    """Up to where the journal of a club stands in SQL, and the epoch its bank must have."""

    club = models.OneToOneField(
        Club, on_delete=models.PROTECT, primary_key=True, verbose_name=_("club")
    )
    epoch = models.PositiveIntegerField(_("epoch"), default=1)
    seq = models.BigIntegerField(_("seq"), default=0)
    chain = models.CharField(_("chain"), max_length=40, blank=True)
    at_ms = models.BigIntegerField(_("time of the last entry"), default=0)

    class Meta:
        verbose_name = _("watermark")
        verbose_name_plural = _("watermarks")

    def __str__(self) -> str:
        return f"{self.club_id}: {self.epoch}-{self.seq}"


class Epoch(models.Model):
    """An epoch that began: up to `after_seq` everything is known, what came then may be lost."""

    club = models.ForeignKey(Club, on_delete=models.PROTECT, verbose_name=_("club"))
    epoch = models.PositiveIntegerField(_("epoch"))
    after_seq = models.BigIntegerField(_("last entry known"))
    at_ms = models.BigIntegerField(_("began"))
    # "rebuild <ms>" or "cut <ms>": what made it begin, and when that was.
    why = models.CharField(_("why"), max_length=40)

    class Meta:
        verbose_name = _("epoch")
        verbose_name_plural = _("epochs")
        constraints = [
            models.UniqueConstraint(fields=["club", "epoch"], name="epoch_once"),
            models.UniqueConstraint(fields=["club", "why"], name="epoch_for_one_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.club_id}: {self.epoch} after {self.after_seq}"


class Installation(models.Model):
    """The random id of this installation, the only row; each of its banks holds it, too."""

    ONLY = 1

    # Not counted by the database: MariaDB allows no check on a column that is.
    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(_("id"), max_length=32)
    # The last two words that SQL gave the bank; betting/audit/installation.py tells why.
    words = models.CharField(
        _("words for the bank"), max_length=65, default="", db_default="", editable=False
    )

    # The database server that gives numbers out; betting/audit/row_numbers.py tells why.
    server = models.CharField(
        _("database server"), max_length=32, default="", db_default="", editable=False
    )

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return self.name


class ClockLease(models.Model):
    """A clock that runs, until when it is believed to; clubs are shared among those that do."""

    owner = models.CharField(_("clock"), max_length=32, primary_key=True)
    until_ms = models.BigIntegerField(_("until"))

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")

    def __str__(self) -> str:
        return self.owner


class Anchor(models.Model):
    """Where the chain of a club stood when it was published; people keep it to compare."""

    club = models.ForeignKey(Club, on_delete=models.PROTECT, verbose_name=_("club"))
    seq = models.BigIntegerField(_("seq"))
    chain = models.CharField(_("chain"), max_length=40)
    at_ms = models.BigIntegerField(_("published"))

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        constraints = [models.UniqueConstraint(fields=["club", "seq"], name="anchor_once")]

    def __str__(self) -> str:
        return f"{self.club_id}: {self.seq} {self.chain}"


class Correction(models.Model):
    """An operator's grant or burn with its reason; its journal entry moves the coins."""

    command = models.CharField(_("command"), max_length=64, unique=True)
    club = models.ForeignKey(Club, on_delete=models.PROTECT, verbose_name=_("club"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="corrections",
        verbose_name=_("user"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices[:2])
    coins = models.BigIntegerField(_("coins"))
    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("market")
    )
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    at_ms = models.BigIntegerField(_("at"))
    seq = models.BigIntegerField(_("seq of its entry"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.kind} {self.coins}: {self.reason}"
