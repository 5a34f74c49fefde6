"""Where people are, kept apart from who they are.

Rows are narrow, of fixed width and never NULL: a value that is not known has a sentinel, so that
an update happens in place. Nothing but the primary key is indexed.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

UNKNOWN_U16 = 65_535
UNKNOWN_ALTITUDE = -32_768
UNKNOWN_BATTERY = 255


class UserLocation(models.Model):
    """The newest position of one user."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
    )
    fix_ms = models.BigIntegerField(_("time of the fix"))
    received_ms = models.BigIntegerField(_("received"))
    lat_e7 = models.IntegerField(_("latitude in 1e-7 degrees"))
    lon_e7 = models.IntegerField(_("longitude in 1e-7 degrees"))
    accuracy_dm = models.PositiveIntegerField(_("accuracy in decimetres"), default=UNKNOWN_U16)
    speed_cms = models.PositiveIntegerField(_("speed in cm/s"), default=UNKNOWN_U16)
    course_cd = models.PositiveIntegerField(_("course in 0.01 degrees"), default=UNKNOWN_U16)
    altitude_m = models.SmallIntegerField(_("altitude in metres"), default=UNKNOWN_ALTITUDE)
    battery_pct = models.PositiveSmallIntegerField(_("battery"), default=UNKNOWN_BATTERY)
    source = models.PositiveSmallIntegerField(_("source"), default=1)
    flags = models.PositiveSmallIntegerField(_("flags"), default=0)
    fixes = models.PositiveIntegerField(_("accepted fixes"), default=1)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")

    def __str__(self) -> str:
        return f"{self.user_id} at {self.fix_ms}"
