"""Markets and their outcomes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rooms.models import Room


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
    # Of the room, as it was when the question was opened.
    stream_delay_s = models.PositiveSmallIntegerField(
        _("seconds by which a stream is late"), default=0, db_default=0
    )
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
        indexes = [
            models.Index(fields=["room", "status", "-id"], name="market_of_room"),
            models.Index(fields=["status", "closes_at_ms"], name="market_due"),
            models.Index(fields=["settled_at_ms"], name="market_settled"),
        ]

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
