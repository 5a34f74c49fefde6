"""Markets, and the ledger with its projections.

From `open` on the bank owns a market's status; everything here that moves is written by
betting/ledger/ from the journal, in one transaction with the watermark.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from betting.uniqueness import ONCE
from rooms.models import Club, Room


class Market(models.Model):
    """One question with two to ten outcomes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Coming up")
        OPEN = "open", _("Open")
        LOCKED = "locked", _("Locked")
        SETTLED = "settled", _("Paid")
        VOID = "void", _("Refunded")

    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="markets", verbose_name=_("room")
    )
    question = models.CharField(_("question"), max_length=140)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("created by"),
    )  # fmt: skip
    created_at_ms = models.BigIntegerField(_("created"))
    key = models.UUIDField(_("creation key"), null=True, blank=True, editable=False)

    closes_in_s = models.PositiveIntegerField(_("open for seconds"), null=True, blank=True)
    min_stake_coins = models.BigIntegerField(_("smallest stake"), default=1)
    max_stake_coins = models.BigIntegerField(_("largest position"), null=True, blank=True)
    min_bettors = models.PositiveIntegerField(_("fewest bettors"), default=2)
    takeout_bp = models.PositiveSmallIntegerField(_("takeout in basis points"), default=0)
    hedging = models.BooleanField(_("several outcomes per user"), default=False)
    unresolved_after_s = models.PositiveIntegerField(_("refund after seconds"), default=3600)
    blind = models.BooleanField(_("figures hidden until the lock"), default=False, db_default=False)

    # Of drafts alone: their order, and since when the clock shall open this one by itself.
    position = models.PositiveIntegerField(_("place among the drafts"), default=0, db_default=0)
    open_next_since_ms = models.BigIntegerField(_("opens by itself since"), null=True, blank=True)
    changed_at_ms = models.BigIntegerField(_("draft changed"), default=0, db_default=0)

    # Projections of the journal; only betting/ledger/ writes them, `status` of a draft excepted.
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    version = models.BigIntegerField(_("version"), default=0)
    frozen = models.BooleanField(_("on hold"), default=False)
    opened_at_ms = models.BigIntegerField(_("opened"), null=True, blank=True)
    closes_at_ms = models.BigIntegerField(_("closes"), null=True, blank=True)
    locked_at_ms = models.BigIntegerField(_("locked"), null=True, blank=True)
    lock_seq = models.BigIntegerField(_("seq of the lock"), null=True, blank=True)
    decide_seq = models.BigIntegerField(_("seq of the decision"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    happened_at_ms = models.BigIntegerField(_("it happened at"), null=True, blank=True)
    # Set while an unofficial result stands, and only then.
    official_at_ms = models.BigIntegerField(_("official"), null=True, blank=True)
    reason = models.CharField(_("reason of a refund"), max_length=12, blank=True)
    settled_at_ms = models.BigIntegerField(_("paid in full"), null=True, blank=True)
    coins = models.BigIntegerField(_("coins staked"), default=0)
    bettors = models.PositiveIntegerField(_("bettors"), default=0)
    settlement = models.JSONField(_("settlement"), null=True, blank=True)
    # The host's own words; never in the journal.
    reason_text = models.CharField(_("reason in words"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        constraints = [
            models.UniqueConstraint(fields=["room", "created_by", "key"], name="market_key"),
            models.CheckConstraint(
                condition=Q(min_stake_coins__gte=1, takeout_bp__lte=1000, coins__gte=0),
                name="market_figures",
            ),
        ]
        indexes = [models.Index(fields=["room", "status", "-id"], name="market_of_room")]

    def __str__(self) -> str:
        return self.question

    @property
    def is_final(self) -> bool:
        return self.status in (self.Status.SETTLED, self.Status.VOID)

    @property
    def is_paying(self) -> bool:
        """Decided, and not yet paid in full."""
        return self.decide_seq is not None and not self.is_final


class Outcome(models.Model):
    """One answer of a market, in the order the host gave."""

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="outcomes", verbose_name=_("market")
    )
    number = models.PositiveSmallIntegerField(_("place in the list"))
    label = models.CharField(_("label"), max_length=60)
    coins = models.BigIntegerField(_("coins"), default=0)
    heads = models.PositiveIntegerField(_("people"), default=0)
    won = models.BooleanField(_("named winner"), default=False)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["market", "number"], name="outcome_once")]

    def __str__(self) -> str:
        return self.label


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
