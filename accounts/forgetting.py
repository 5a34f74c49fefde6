"""Users who asked to be forgotten, and what is forgotten of their accounts.

A request is kept here; operations/clock/user_cleanup.py acts on it. The row of a forgotten
user stays as a number without a name, because rooms, questions and the ledger name it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.auth import tokens
from accounts.models import Forgetting, SignIn, User
from web.refusals import Refused
from web.times import now_ms


def ask(user: User, *, by: User | None = None) -> Forgetting:
    """Note that a user is to be forgotten; asked again, the first request stands.

    From now on the user enters and opens no room. Raises Refused: forbidden, for operators.
    """
    if user.is_staff or user.is_superuser:
        raise Refused("forbidden", _("An operator is forgotten once the rights were taken away."))
    asked = {"asked_at_ms": now_ms(), "by": by}
    return Forgetting.objects.get_or_create(user=user, defaults=asked)[0]


def is_asked(user_id: int) -> bool:
    """Whether a user is to be forgotten, or was."""
    return Forgetting.objects.filter(pk=user_id).exists()


def refuse_asked(user_id: int) -> None:
    """Raises Refused: forbidden, for a user who is to be forgotten."""
    if is_asked(user_id):
        raise Refused("forbidden", _("You asked to be forgotten."))


def waiting() -> list[User]:
    """The users who are to be forgotten and are not yet, the longest waiting first."""
    pending = Forgetting.objects.filter(done_at_ms=None).select_related("user")
    return [asked.user for asked in pending.order_by("asked_at_ms", "pk")]


def sign_out(user: User, lingers_ms: int) -> bool:
    """End all sign-ins of a user; whether the last ended so long ago that no page acts any more."""
    if user.is_active:
        User.objects.filter(pk=user.pk).update(is_active=False)
    if user.signed_out_at_ms is None or user.sign_ins.filter(ended_at_ms=None).exists():
        tokens.end_all(user, "forgotten")
    last = user.sign_ins.order_by("-ended_at_ms").values_list("ended_at_ms", flat=True).first()
    return max(last or 0, user.signed_out_at_ms or 0) <= now_ms() - lingers_ms


def blank_name(user_id: int) -> str:
    """The name of a forgotten user: the number."""
    return f"#{user_id}"


@transaction.atomic
def forget_account(user: User) -> None:
    """Forget name, e-mail, password, sign-ins and refresh tokens; repeating it changes nothing."""
    SignIn.objects.filter(user=user).delete()
    user.groups.clear()
    User.objects.filter(pk=user.pk).update(
        **User.named(blank_name(user.pk)), email=None, verified_email="",
        password=make_password(None), is_guest=True, is_active=False,
    )  # fmt: skip
    # The history of the admin quotes the names of what was changed.
    of_user = ContentType.objects.get_for_model(User)
    quoted = LogEntry.objects.filter(content_type=of_user, object_id=str(user.pk))
    quoted.update(object_repr=f"{blank_name(user.pk)} ({user.pk})")


def forget_origins(sign_in_ids: Collection[UUID], before: datetime) -> int:
    """Forget address, browser and device of those of these sign-ins that ended before a time.

    One that was not renewed for the life of its tokens has ended, too. Returns how many had any.
    """
    lifetime = timedelta(seconds=tokens.REFRESH_LIFETIME_S)
    ended = Q(ended_at_ms__lt=int(before.timestamp() * 1000))
    ended |= Q(ended_at_ms=None, seen_at__lt=before - lifetime)
    kept = SignIn.objects.filter(ended, pk__in=sign_in_ids)
    return kept.exclude(address="", user_agent="", device="").update(
        address="", user_agent="", device=""
    )


def note_done(user: User) -> None:
    """Note that nothing is left to forget of a user."""
    Forgetting.objects.filter(pk=user.pk, done_at_ms=None).update(done_at_ms=now_ms())
