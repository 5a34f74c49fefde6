"""Rooms, memberships and chat lines."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rooms.models.club_tables import Club
from web import limits
from web.folding import Folded

OFFICIAL_AFTER_S = (0, 15, 30, 60, 120)


class Room(models.Model):
    """A room where people meet. A place (centre and radius) is optional."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted")

    class Status(models.TextChoices):
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ended")

    class ChatMode(models.TextChoices):
        ON = "on", _("On")
        SLOW = "slow", _("Slow: one line in 10 s")
        REACTIONS = "reactions", _("Reactions only")
        OFF = "off", _("Off")

    code = models.CharField(_("code"), unique=True, max_length=6)
    title = models.CharField(_("title"), max_length=80)
    title_folded = Folded(_("title as it is searched"), of="title")
    club = models.ForeignKey(
        Club, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("club")
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="hosted_rooms",
        verbose_name=_("host"),
    )
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.LIVE)
    capacity = models.PositiveIntegerField(
        _("capacity"), default=500, validators=[MinValueValidator(2), MaxValueValidator(10_000)]
    )
    hosts_may_bet = models.BooleanField(_("hosts may bet"), default=False)
    official_after_s = models.PositiveSmallIntegerField(
        _("seconds until a result is official"),
        default=15,
        choices=[(seconds, str(seconds)) for seconds in OFFICIAL_AFTER_S],
    )
    chat_mode = models.CharField(
        _("chat"), max_length=10, choices=ChatMode, default=ChatMode.ON, db_default=ChatMode.ON
    )
    evening_public = models.BooleanField(
        _("everybody may see the standings"), default=False, db_default=False
    )
    # Pool rule 5: what ends a question without a deadline.
    unattended_after_s = models.PositiveIntegerField(
        _("seconds until an open question locks that nobody looks after"),
        default=1_800,
        db_default=1_800,
        validators=[MinValueValidator(60), MaxValueValidator(86_400)],
    )
    open_at_most_s = models.PositiveIntegerField(
        _("seconds a question is open at most"),
        default=86_400,
        db_default=86_400,
        validators=[MinValueValidator(600), MaxValueValidator(604_800)],
    )
    stream_delay_s = models.PositiveSmallIntegerField(
        _("seconds by which a stream is late"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(limits.STREAM_DELAY_S_MAX)],
    )
    # The last sign of somebody who runs it, to a minute, while a question without a deadline is
    # open.
    attended_at_ms = models.BigIntegerField(
        _("somebody who runs it was here"), default=0, db_default=0, editable=False
    )
    open_markets = models.PositiveSmallIntegerField(_("open markets"), default=0)
    place_lat = models.FloatField(_("latitude"), null=True, blank=True)
    place_lon = models.FloatField(_("longitude"), null=True, blank=True)
    place_radius_m = models.PositiveIntegerField(
        _("radius in metres"), null=True, blank=True, validators=[MinValueValidator(30)]
    )
    bets_need_presence = models.BooleanField(_("bets need presence"), default=False)
    key = models.UUIDField(_("creation key"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        # Repeating a creation with the same key finds the first room; NULL keys never collide.
        constraints = [models.UniqueConstraint(fields=["host", "key"], name="room_host_key")]
        indexes = [
            models.Index(fields=["status", "visibility", "-created_at"], name="room_public_list")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.LIVE


class Membership(models.Model):
    """One user in one room: the role, and whether they are in, out, removed or banned."""

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        COHOST = "cohost", _("Co-host")
        MODERATOR = "moderator", _("Moderator")
        PLAYER = "player", _("Player")

    class State(models.TextChoices):
        IN = "in", _("Member")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")
        BANNED = "banned", _("Banned")

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("room")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("user"),
    )
    # The nickname, numbered where somebody else of the room has it; NULL until they next enter.
    shown_as = models.CharField(_("shown as"), max_length=28, null=True, editable=False)
    # nicknames.skeleton of it, up to 18 characters for one; NULL for names that are older than it.
    skeleton = models.CharField(max_length=400, null=True, editable=False, db_column="look")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.PLAYER)
    # Otherwise the role is the one that the club gives, and goes with it.
    role_given_here = models.BooleanField(
        _("the role was given in the room"), default=False, db_default=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    banned_until_ms = models.BigIntegerField(_("banned until"), null=True, blank=True)
    muted_until_ms = models.BigIntegerField(_("muted until"), default=0)
    # 0 for those who entered before this was kept.
    entered_at_ms = models.BigIntegerField(_("entered"), default=0, db_default=0)
    # The time when another user changed it, or its owner left; entering is no news to open sockets.
    changed_at_ms = models.BigIntegerField(_("changed"), default=0, db_index=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["room", "shown_as"], name="membership_name"),
        ]
        # Entering counts who is in; without it that would read every row of the room.
        indexes = [
            models.Index(fields=["room", "state"], name="membership_of_room"),
            models.Index(fields=["room", "skeleton"], name="membership_look"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"


class ChatLine(models.Model):
    """A line of chat, copied from the live tail by the clock."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="chat_lines", verbose_name=_("room")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="chat_lines",
        verbose_name=_("user"),
    )
    line_id = models.CharField(_("id in the live tail"), max_length=40)
    text = models.CharField(_("text"), max_length=500)
    at_ms = models.BigIntegerField(_("said at"))
    # Deleted for everybody but the operators; the log of the room says by whom and why.
    gone_at_ms = models.BigIntegerField(_("deleted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("chat line")
        verbose_name_plural = _("chat lines")
        constraints = [models.UniqueConstraint(fields=["room", "line_id"], name="chat_line_once")]

    def __str__(self) -> str:
        return self.text[:40]


class RoomAct(models.Model):
    """One act of those who run a room, or a change of a name in it. Append-only.

    The names are those of that moment; the users are NULL once they are erased.
    """

    class What(models.TextChoices):
        MUTE = "mute", _("muted")
        UNMUTE = "unmute", _("let speak again")
        REMOVE = "remove", _("removed")
        BAN = "ban", _("banned")
        UNBAN = "unban", _("let back in")
        MAKE_COHOST = "make_cohost", _("made co-host")
        MAKE_MODERATOR = "make_moderator", _("made moderator")
        MAKE_PLAYER = "make_player", _("made player")
        DELETE_LINE = "delete_line", _("deleted a line of")
        CHAT_MODE = "chat_mode", _("changed the chat")
        RENAME = "rename", _("took another name")
        CHANGE_ROOM = "change_room", _("changed the room")
        END_ROOM = "end_room", _("ended the room")
        OFFER_SEAT = "offer_seat", _("offered a seat")
        TAKE_SEAT = "take_seat", _("took a seat of")
        OFFER_SCREEN = "offer_screen", _("offered a screen")
        END_SCREEN = "end_screen", _("ended a screen")
        OFFER_KEY = "offer_key", _("made a key")
        END_KEY = "end_key", _("ended a key")
        OFFER_WEBHOOK = "offer_webhook", _("made a webhook")
        PAUSE_WEBHOOK = "pause_webhook", _("paused a webhook")
        RESUME_WEBHOOK = "resume_webhook", _("resumed a webhook")
        END_WEBHOOK = "end_webhook", _("ended a webhook")
        OPERATOR = "operator", _("an operator changed")

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="acts", verbose_name=_("room")
    )
    what = models.CharField(_("what"), max_length=20, choices=What)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+",
        verbose_name=_("who"),
    )  # fmt: skip
    by_name = models.CharField(_("who, by name"), max_length=28, blank=True)
    of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+",
        verbose_name=_("whom"),
    )  # fmt: skip
    of_name = models.CharField(_("whom, by name"), max_length=28, blank=True)
    detail = models.CharField(_("about"), max_length=600, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at_ms = models.BigIntegerField(_("at"))

    class Meta:
        verbose_name = _("act in a room")
        verbose_name_plural = _("acts in rooms")

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_what_display()} {self.of_name}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises TypeError where it is there already."""
        if not self._state.adding:
            raise TypeError("The log of a room is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Raises TypeError."""
        raise TypeError("The log of a room is append-only.")
