"""What lets somebody, or something, into a room without a sign-in: seats, screens and keys."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.models.club_tables import Club
from rooms.models.room_tables import Membership, Room


class RoomSeat(models.Model):
    """A seat that was offered by a link, and who has taken it."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="seats", verbose_name=_("room")
    )
    role = models.CharField(_("role"), max_length=10, choices=Membership.Role)
    digest = models.CharField(_("token's hash"), max_length=64, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    expires_at_ms = models.BigIntegerField(_("expires"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True,
        related_name="+", verbose_name=_("taken by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")

    def __str__(self) -> str:
        return f"{self.role} in {self.room_id}"


class RoomScreen(models.Model):
    """A link by which a screen may read a room until it is ended."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="screens", verbose_name=_("room")
    )
    digest = models.CharField(_("code's hash"), max_length=64, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    made_at_ms = models.BigIntegerField(_("made"))
    ended_at_ms = models.BigIntegerField(_("ended"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("screen")
        verbose_name_plural = _("screens")

    def __str__(self) -> str:
        return f"screen of {self.room_id}"


class RoomKey(models.Model):
    """What a program shows in place of a sign-in: one room or club, chosen rights, an end."""

    class Right(models.TextChoices):
        READ = "read", _("read the room and its questions")
        FIGURES = "figures", _("read results and standings")
        ASK = "ask", _("prepare and open questions")
        LOCK = "lock", _("lock questions")
        SETTLE = "settle", _("settle and void questions")
        CHAT = "chat", _("read the chat and say lines")

    name = models.CharField(_("name"), max_length=40)
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, null=True, blank=True, related_name="keys",
        verbose_name=_("room"),
    )  # fmt: skip
    # Of a key for all rooms of a club; else NULL.
    club = models.ForeignKey(
        Club, on_delete=models.CASCADE, null=True, blank=True, related_name="keys",
        verbose_name=_("club"),
    )  # fmt: skip
    digest = models.CharField(_("key's hash"), max_length=64, unique=True)
    rights = models.JSONField(_("rights"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    made_at_ms = models.BigIntegerField(_("made"))
    expires_at_ms = models.BigIntegerField(_("expires"))
    used_at_ms = models.BigIntegerField(_("last used"), default=0)
    ended_at_ms = models.BigIntegerField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(room=None) ^ models.Q(club=None), name="key_of_room_or_club"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"
