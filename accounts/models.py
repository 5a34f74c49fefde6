"""Users, their sign-ins and bans. What changes every few seconds is kept elsewhere."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from web.folding import Folded, folded


def tidy_email(text: str) -> str:
    """An e-mail as it is kept, looked for and counted: small letters, no blanks around it.

    MariaDB finds it with blanks behind it too, so attempts must not be counted apart for those.
    """
    return text.strip().lower()


class Users(BaseUserManager["User"]):
    """Makes users; also what `createsuperuser` calls."""

    def create_user(
        self, nickname: str, email: str | None = None, password: str | None = None, **fields: object
    ) -> "User":
        """Make a user; without an e-mail it is a guest."""
        user = self.model(
            nickname=nickname,
            email=tidy_email(email) if email else None,
            is_guest=email is None,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, nickname: str, email: str, password: str) -> "User":
        """Make an operator who may do everything in the admin."""
        return self.create_user(nickname, email, password, is_staff=True, is_superuser=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Log-in names are e-mails without regard to case."""
        return self.get(email=tidy_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """An account; a guest has neither e-mail nor password and is upgraded in place."""

    last_login = None  # It would make this table move at every log-in; see SignIn.

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True, max_length=190)
    nickname = models.CharField(_("nickname"), max_length=20, db_index=True)
    nickname_folded = Folded(_("nickname as it is searched"), of="nickname")
    is_guest = models.BooleanField(_("guest"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    # The address whose mailbox this user was seen to read; verified is the e-mail that equals it.
    verified_email = models.EmailField(_("verified e-mail"), blank=True, default="", max_length=190)
    signed_out_at_ms = models.BigIntegerField(_("signed out everywhere"), null=True, editable=False)

    objects = Users()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["nickname"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"{self.nickname} ({self.pk})"

    @property
    def is_email_verified(self) -> bool:
        """Whether this user was seen to read what is sent to their e-mail."""
        return bool(self.email) and self.email == self.verified_email

    @staticmethod
    def named(nickname: str) -> dict[str, str]:
        """The columns of a nickname, for an update."""
        return {"nickname": nickname, "nickname_folded": folded(nickname)}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the row. A changed password ends every sign-in that began with the one before."""
        # Django holds what set_password was given until it is kept; an upgraded hash is no change.
        is_changed = self._password is not None and not self._state.adding  # type: ignore[attr-defined]
        super().save(*args, **kwargs)
        if is_changed:
            at_ms = int(timezone.now().timestamp() * 1000)
            standing = self.sign_ins.filter(ended_at_ms=None)
            standing.update(ended_at_ms=at_ms, ended_why="password changed")
            self.signed_out_at_ms = at_ms
            User.objects.filter(pk=self.pk).update(signed_out_at_ms=at_ms)

    def get_session_auth_hash(self) -> str:
        """What a session of the admin must match: it ends with the password, and at sign-out."""
        mark = super().get_session_auth_hash()
        return f"{mark}.{self.signed_out_at_ms}" if self.signed_out_at_ms else mark


# Why sign-ins end, as it is kept.
ENDINGS = [
    ("logged out", _("logged out")),
    ("replaced", _("somebody else signed in here")),
    ("upgraded", _("the guest became an account")),
    ("password changed", _("password changed")),
    ("password reset", _("password chosen anew by e-mail")),
    ("ended by owner", _("ended by its owner")),
    ("ended by operator", _("ended by an operator")),
    ("inactive", _("made inactive")),
    ("reused", _("a refresh token was used twice")),
    ("unseen", _("not seen for long")),
    ("handshake tried", _("was a try of the handshake")),
    ("forgotten", _("asked to be forgotten")),
]


class SignIn(models.Model):
    """One sign-in of one user on one device: the family of its refresh tokens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sign_ins", verbose_name=_("user")
    )
    device = models.CharField(_("device cookie"), max_length=32, blank=True, db_index=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    seen_at = models.DateTimeField(_("last refreshed"), default=timezone.now)
    ended_at_ms = models.BigIntegerField(_("ended"), null=True, blank=True, db_index=True)
    ended_why = models.CharField(_("why it ended"), max_length=20, blank=True, choices=ENDINGS)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return str(self.pk)


class RefreshToken(models.Model):
    """A refresh token by its hash; its use hands out one of the next generation."""

    digest = models.CharField(primary_key=True, max_length=64)
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="refresh_tokens")
    expires_at_ms = models.BigIntegerField(_("expires"), db_index=True)
    used_at_ms = models.BigIntegerField(_("used"), null=True, blank=True)
    generation = models.PositiveIntegerField(_("generation"), default=0)

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")

    def __str__(self) -> str:
        return self.digest[:8]


class Bans(models.QuerySet["Ban"]):
    """Bans, lifted and over ones too."""

    def in_force(self, at_ms: int) -> "Bans":
        """Those that keep somebody out at a time."""
        lasting = models.Q(until_ms=None) | models.Q(until_ms__gt=at_ms)
        return self.filter(lasting, lifted_at_ms=None)


class Ban(models.Model):
    """A user is kept out of all of Ringside, until a time or for good."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="bans", verbose_name=_("user")
    )
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at_ms = models.BigIntegerField(_("since"), db_index=True)
    until_ms = models.BigIntegerField(_("until"), null=True, blank=True)
    lifted_at_ms = models.BigIntegerField(_("lifted"), null=True, blank=True)

    objects = Bans.as_manager()

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reason}"


class Forgetting(models.Model):
    """A user who is to be forgotten, and when it was done; the clock does it."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="forgetting",
        verbose_name=_("user"),
    )  # fmt: skip
    asked_at_ms = models.BigIntegerField(_("asked"))
    # NULL where the user asked.
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    done_at_ms = models.BigIntegerField(_("done"), null=True, db_index=True)

    class Meta:
        verbose_name = _("user to forget")
        verbose_name_plural = _("users to forget")

    def __str__(self) -> str:
        return str(self.pk)


class PendingEmail(models.Model):
    """An e-mail that waits to be sent; what it says is written when it is sent."""

    class Kind(models.TextChoices):
        RESET = "reset", _("another password")
        VERIFY = "verify", _("is this your e-mail")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # As it was asked for: whether an account has it shows when it is sent.
    email = models.EmailField(_("e-mail"), max_length=190)
    language = models.CharField(_("language"), max_length=10)
    asked_at_ms = models.BigIntegerField(_("asked"))
    due_at_ms = models.BigIntegerField(_("next try"), db_index=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)

    class Meta:
        verbose_name = _("e-mail to send")
        verbose_name_plural = _("e-mails to send")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
