"""Positions of users, kept apart from their accounts.

Rows that move are narrow, of fixed width and never NULL: a value that is not known has a
sentinel, so that an update happens in place. Nothing but the primary key is indexed there.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from locations.fixes.fix import UNKNOWN_ALTITUDE, UNKNOWN_BATTERY, UNKNOWN_U16


class UserLocation(models.Model):
    """The newest believed position of one user; written by locations/history/storage.py only."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    fix_ms = models.PositiveBigIntegerField(_("time of the fix"))
    received_ms = models.PositiveBigIntegerField(_("received"))
    lat_e7 = models.IntegerField(_("latitude in 1e-7 degrees"))
    lon_e7 = models.IntegerField(_("longitude in 1e-7 degrees"))
    accuracy_dm = models.PositiveSmallIntegerField(_("accuracy in decimetres"), default=UNKNOWN_U16)
    speed_cms = models.PositiveSmallIntegerField(_("speed in cm/s"), default=UNKNOWN_U16)
    course_cd = models.PositiveSmallIntegerField(_("course in 0.01 degrees"), default=UNKNOWN_U16)
    altitude_m = models.SmallIntegerField(_("altitude in metres"), default=UNKNOWN_ALTITUDE)
    battery_pct = models.PositiveSmallIntegerField(_("battery"), default=UNKNOWN_BATTERY)
    source = models.PositiveSmallIntegerField(_("source"), default=1)
    flags = models.PositiveSmallIntegerField(_("flags"), default=0)
    fixes = models.PositiveIntegerField(_("fixes taken"), default=1)

    class Meta:
        # In betting a position is coins on an outcome; Korean has two words.
        verbose_name = pgettext_lazy("where somebody is", "position")
        verbose_name_plural = pgettext_lazy("where somebody is", "positions")

    def __str__(self) -> str:
        # No coordinates: this text ends up in logs.
        return f"{self.user_id} at {self.fix_ms}"


class LocationFix(models.Model):
    """One fix of the past; a repeated one finds its own row. Day partitions on MariaDB/MySQL."""

    pk = models.CompositePrimaryKey("user_id", "fix_ms")
    user_id = models.PositiveBigIntegerField(_("user"))
    fix_ms = models.PositiveBigIntegerField(_("time of the fix"))
    lat_e7 = models.IntegerField(_("latitude in 1e-7 degrees"))
    lon_e7 = models.IntegerField(_("longitude in 1e-7 degrees"))
    accuracy_dm = models.PositiveSmallIntegerField(_("accuracy in decimetres"))
    speed_cms = models.PositiveSmallIntegerField(_("speed in cm/s"))
    course_cd = models.PositiveSmallIntegerField(_("course in 0.01 degrees"))
    altitude_m = models.SmallIntegerField(_("altitude in metres"))
    source = models.PositiveSmallIntegerField(_("source"))
    flags = models.PositiveSmallIntegerField(_("flags"))
    lag_ms = models.PositiveIntegerField(_("milliseconds from fix to arrival"))

    class Meta:
        verbose_name = _("past position")
        verbose_name_plural = _("past positions")

    def __str__(self) -> str:
        return f"{self.user_id} at {self.fix_ms}"


class Device(models.Model):
    """A phone app that reports for its user with a token of its own, kept as a hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="devices",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(_("hash of the token"), max_length=64, unique=True, editable=False)
    created_at_ms = models.BigIntegerField(_("paired"))
    seen_at_ms = models.BigIntegerField(_("last report"), default=0)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.name


class Sharing(models.Model):
    """The level that one user shares with one room, until when. No row means nothing."""

    class Level(models.TextChoices):
        PRESENCE = "presence", _("Only that I am here")
        AREA = "area", _("The area I am in")
        EXACT = "exact", _("Where I am")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="location_sharing",
        verbose_name=_("user"),
    )
    room = models.ForeignKey(
        "rooms.Room", on_delete=models.CASCADE, related_name="+", verbose_name=_("room")
    )
    level = models.CharField(_("level"), max_length=10, choices=Level)
    until_ms = models.BigIntegerField(_("until"), db_index=True)

    class Meta:
        verbose_name = _("sharing")
        verbose_name_plural = _("sharing")
        constraints = [models.UniqueConstraint(fields=["user", "room"], name="sharing_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}: {self.level}"


class BetDecision(models.Model):
    """The figures on which a bet of a room with a place was taken, never a position."""

    bet_id = models.UUIDField(_("bet"))
    user_id = models.PositiveBigIntegerField(_("user"))
    room_id = models.PositiveBigIntegerField(_("room"))
    market_id = models.PositiveBigIntegerField(_("market"))
    at_ms = models.BigIntegerField(_("decided"), db_index=True)
    proof = models.CharField(_("proof"), max_length=10)
    where = models.CharField(_("where"), max_length=10)
    accuracy_m = models.FloatField(_("accuracy in metres"), null=True)
    away_m = models.PositiveIntegerField(_("metres from the centre, to ten"), null=True)
    age_ms = models.PositiveIntegerField(_("age of the fix"), null=True)
    rule = models.PositiveSmallIntegerField(_("rule"))

    class Meta:
        verbose_name = _("decision about a bet")
        verbose_name_plural = _("decisions about bets")
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "market_id", "bet_id"], name="bet_decision_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bet_id}: {self.proof}"


class PositionView(models.Model):
    """An operator's view of a person's exact position."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    user_id = models.PositiveBigIntegerField(_("user"), db_index=True)
    at_ms = models.BigIntegerField(_("at"))
    why = models.CharField(_("what was looked at"), max_length=40)

    class Meta:
        db_table = "locations_look"
        verbose_name = _("look at a position")
        verbose_name_plural = _("looks at positions")

    def __str__(self) -> str:
        return f"{self.by_id} looked at {self.user_id}"
