"""The links of e-mails: what stands behind their #, made and read.

A browser sends nothing of that to any server by itself, so no log on the way holds a link.
"""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing

from accounts.models import User

RESET_LIFETIME_S: int = settings.PASSWORD_RESET_TIMEOUT
VERIFY_LIFETIME_S = 3 * 86_400
_SALT = "accounts.emails"


def reset_link(user: User) -> str:
    """A link that opens another password, once and for an hour; it ends with the present one."""
    token = default_token_generator.make_token(user)
    return f"{settings.PUBLIC_URL}/reset/#{user.pk}.{token}"


def read_reset(text: str) -> User | None:
    """The active account of a link's end; None for one that is used, too old or none."""
    number, _dot, token = text.partition(".")
    if not (number.isdecimal() and number.isascii() and len(number) < 19):
        return None
    user = User.objects.filter(pk=int(number), is_active=True).exclude(email=None).first()
    is_good = user is not None and default_token_generator.check_token(user, token)
    return user if is_good else None


def verify_link(user: User) -> str:
    """A link that shows for three days that this user reads what is sent to their e-mail."""
    token = signing.dumps([user.pk, user.email], salt=_SALT)
    return f"{settings.PUBLIC_URL}/email/#{token}"


def read_verify(text: str) -> tuple[int, str] | None:
    """The account's number and the e-mail of a link's end; None for one too old or none."""
    try:
        user_id, email = signing.loads(text, salt=_SALT, max_age=VERIFY_LIFETIME_S)
    except signing.BadSignature:
        return None
    return user_id, email
