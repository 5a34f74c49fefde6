"""Guests who stay away: finding them, ending their sign-ins, removing their accounts.

Guests are made in accounts/auth/entry.py.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.auth.bans import in_force
from accounts.models import SignIn, User
from web.times import now_ms


def next_ids(after_id: int, count: int) -> list[int]:
    """The next accounts by number, guests or not; [] at the end."""
    found = User.objects.filter(pk__gt=after_id).order_by("pk")
    return list(found.values_list("pk", flat=True)[:count])


def unseen(user_ids: Collection[int], since: datetime) -> set[int]:
    """The guests among these users who came before a time and were not seen after it.

    A banned guest stays, so that the ban does.
    """
    seen = SignIn.objects.filter(user=OuterRef("pk"), seen_at__gte=since)
    banned = in_force().filter(user=OuterRef("pk"))
    guests = User.objects.filter(
        ~Exists(seen), ~Exists(banned), pk__in=user_ids, is_guest=True, is_staff=False,
        joined_at__lt=since,
    )  # fmt: skip
    return set(guests.values_list("pk", flat=True))


def sign_out(user_ids: Collection[int], since: datetime) -> None:
    """End the sign-ins of these users that were not seen since a time; others go on."""
    ending = SignIn.objects.filter(user__in=user_ids, seen_at__lt=since, ended_at_ms=None)
    ending.update(ended_at_ms=now_ms(), ended_why="unseen")


def signed_in(user_ids: Collection[int], since_ms: int) -> set[int]:
    """Those of these users who have a sign-in, or had one until after a time."""
    standing = Q(ended_at_ms=None) | Q(ended_at_ms__gt=since_ms)
    found = SignIn.objects.filter(standing, user__in=user_ids)
    return set(found.values_list("user", flat=True))


def remove(user_ids: Collection[int]) -> None:
    """Remove these guests with what is theirs alone; one who became an account meanwhile stays."""
    User.objects.filter(pk__in=user_ids, is_guest=True).delete()
