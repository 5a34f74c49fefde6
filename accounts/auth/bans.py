"""Bans: a user is kept out of all of Ringside, for a time or for good. They act at once."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.auth import revocation
from accounts.models import Ban, User
from web.refusals import Refused
from web.times import now_ms


def active(user: User) -> Ban | None:
    """The ban that keeps a user out now, if any."""
    return in_force().filter(user=user).order_by("-created_at_ms").first()


def may_act(user: User) -> bool:
    """Whether a user is active, and not banned now."""
    return user.is_active and active(user) is None


def in_force() -> QuerySet[Ban]:
    """The bans that keep anybody out now."""
    return Ban.objects.in_force(now_ms())


def refuse_banned(user: User) -> None:
    """Raises Refused: forbidden, for a user who is banned, with the reason and the end."""
    ban = active(user)
    if ban is None:
        return
    if ban.until_ms is None:
        message = _("You are banned: %(reason)s") % {"reason": ban.reason}
    else:
        until = datetime.fromtimestamp(ban.until_ms / 1000, timezone.get_current_timezone())
        message = _("You are banned until %(until)s: %(reason)s") % {
            "until": date_format(until, "DATETIME_FORMAT"),
            "reason": ban.reason,
        }
    raise Refused("forbidden", message, detail={"until_ms": ban.until_ms})


def ban(user: User, reason: str, *, by: User | None = None, until_ms: int | None = None) -> Ban:
    """Keep a user out from now on; open sockets close within two seconds."""
    made = Ban.objects.create(
        user=user, reason=reason, by=by, created_at_ms=now_ms(), until_ms=until_ms
    )
    revocation.tell(revocation.Ended(users=frozenset({user.pk})))
    return made


def lift(user: User) -> int:
    """Let a user in again; returns how many bans that ended."""
    return user.bans.filter(lifted_at_ms=None).update(lifted_at_ms=now_ms())
