"""Webhooks of rooms, and what was or is to be sent to them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.models import Room


class Webhook(models.Model):
    """An address of somebody's server that is told what happens in a room."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("room")
    )
    url = models.CharField(_("address"), max_length=500)
    # Signing needs it as it is, so it is no hash.
    secret = models.CharField(_("secret"), max_length=60, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    made_at_ms = models.BigIntegerField(_("made"))
    # Set when a day of tries came to nothing; what happens meanwhile is kept for later.
    paused_at_ms = models.BigIntegerField(_("paused"), null=True, blank=True)
    ended_at_ms = models.BigIntegerField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return f"{self.url} ({self.pk})"


class Delivery(models.Model):
    """One event for one webhook: waiting until it was taken."""

    class Event(models.TextChoices):
        OPENED = "market.opened", _("Opened")
        LOCKED = "market.locked", _("Locked")
        UNOFFICIAL = "market.unofficial", _("Result named")
        WITHDRAWN = "market.withdrawn", _("Result withdrawn")
        OFFICIAL = "market.official", _("Paid")
        VOID = "market.void", _("Refunded")
        ROOM_ENDED = "room.ended", _("Ended")

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    event = models.CharField(_("event"), max_length=20, choices=Event)
    market_id = models.BigIntegerField(_("market"), null=True)
    # To the letter, because the signature is over it.
    body = models.TextField(_("body"))
    made_at_ms = models.BigIntegerField(_("made"))
    # When it is tried next; NULL once it was taken.
    due_at_ms = models.BigIntegerField(_("next try"), null=True, db_index=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    # A status, or what went wrong.
    answer = models.CharField(_("last answer"), max_length=100, blank=True)
    taken_at_ms = models.BigIntegerField(_("taken"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["webhook", "market_id", "due_at_ms"], name="delivery_order")
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
