"""Checking and choosing passwords: equal work for known and unknown e-mails, bounded memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User, tidy_email
from web.refusals import Refused

# Each hash takes 19 MiB and a core; more at once would only make everybody slower.
_AT_ONCE = 4
_PATIENCE_S = 3.0
_slots = threading.BoundedSemaphore(_AT_ONCE)


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_PATIENCE_S):
        raise Refused("busy", retry_after_s=2)
    try:
        yield
    finally:
        _slots.release()


def owner(email: str, password: str) -> User | None:
    """The active account these belong to; the same work is done when there is none."""
    user = User.objects.filter(email=tidy_email(email), is_active=True).first()
    with _slot():
        if user is None or not user.has_usable_password():
            # The answer must not come sooner for an unknown e-mail than for a wrong password.
            make_password(password)
            return None
        return user if check_password(password, user.password) else None


def is_right(user: User, password: str) -> bool:
    """Whether this is the user's password."""
    with _slot():
        return check_password(password, user.password)


def chosen(password: str, user: User | None = None) -> str:
    """The hash of a newly chosen password. Raises Refused: weak_password, saying why."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("weak_password", " ".join(error.messages)) from None
    with _slot():
        return make_password(password)
