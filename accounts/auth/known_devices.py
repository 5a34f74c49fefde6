"""Passes of devices that signed in to an account: their log-ins are counted apart.

So a stranger who tries passwords locks no owner out. A pass opens nothing by itself; it ends with
the password, and when its owner signs out everywhere.
"""

import hashlib
import secrets
from typing import Any

from django.core import signing

from accounts.models import User, tidy_email
from web import limits

LIFETIME_S = 365 * 86_400
# So many accounts may share a browser; the one that signed in longest ago loses its pass.
KEPT_MAX = 5
_SALT = "accounts.known-devices"

# The account's number, what it must match there, and the number of the pass.
Pass = tuple[int, str, str]


def count_log_in(email: str, address: str | None, passes: str) -> None:
    """Count one attempt: of the pass where there is one, else of the address and the account.

    `passes` is the cookie of the device. Raises Refused: too_fast.
    """
    email = tidy_email(email)[: limits.EMAIL_CHARACTERS_MAX]
    if number := _number_for(email, passes):
        limits.check("log_ins_known", number)
        return
    if address is not None:
        limits.check_address("log_ins", address)
    limits.check("log_ins_account", email)


def with_pass(passes: str, user: User) -> str:
    """The cookie's passes with one for this account in front; one that is good keeps its number."""
    kept = _read(passes)
    mark = _mark(user)
    number = next((n for id_, known, n in kept if (id_, known) == (user.pk, mark)), "")
    others = [each for each in kept if each[0] != user.pk]
    own: Pass = (user.pk, mark, number or secrets.token_hex(8))
    return signing.dumps([own, *others][:KEPT_MAX], salt=_SALT)


def _number_for(email: str, passes: str) -> str:
    kept = _read(passes)
    user = User.objects.filter(email=email, is_active=True).first() if kept else None
    if user is None:
        return ""
    mark = _mark(user)
    return next((n for id_, known, n in kept if (id_, known) == (user.pk, mark)), "")


def _mark(user: User) -> str:
    """Changes with the password, and when the user signs out everywhere."""
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]


def _read(passes: str) -> list[Pass]:
    try:
        kept: list[Any] = signing.loads(passes, salt=_SALT, max_age=LIFETIME_S)
    except signing.BadSignature:
        return []
    return [(int(id_), str(mark), str(number)) for id_, mark, number in kept]
