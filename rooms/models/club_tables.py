"""Clubs, and who belongs to them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The slug of the club that everybody is in; it has no members of its own.
MAIN_CLUB = "main"


class Club(models.Model):
    """A community with its own coins: all money of a club lives in one hash slot of the bank."""

    slug = models.SlugField(_("slug"), unique=True, max_length=40)
    title = models.CharField(_("title"), max_length=80)
    # Pool rule 12: the coins that a user with next to none may take, and how often.
    refill_below_coins = models.PositiveIntegerField(_("refill below coins"), default=10)
    refill_coins = models.PositiveIntegerField(
        _("coins of a refill"),
        default=200,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    refill_every_s = models.PositiveIntegerField(
        _("seconds between refills"), default=900, validators=[MaxValueValidator(86_400)]
    )
    refills_per_day = models.PositiveSmallIntegerField(
        _("refills in 24 hours"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="clubs",
        verbose_name=_("owner"),
    )
    members_may_open_rooms = models.BooleanField(
        _("every member may open rooms"), default=False, db_default=False
    )
    key = models.UUIDField(_("creation key"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, null=True)

    class Meta:
        verbose_name = _("club")
        verbose_name_plural = _("clubs")
        # Repeating a creation with the same key finds the first club; NULL keys never collide.
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="club_owner_key")]

    def __str__(self) -> str:
        return self.title


class ClubMembership(models.Model):
    """One user in one club. It begins with the first room of the club that they enter."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")

    club = models.ForeignKey(
        Club, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("club")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="club_memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    joined_at_ms = models.BigIntegerField(_("member since"))

    class Meta:
        verbose_name = _("membership in a club")
        verbose_name_plural = _("memberships in clubs")
        constraints = [models.UniqueConstraint(fields=["club", "user"], name="club_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.club_id}"
