"""Whether a user reads what is sent to their e-mail."""

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.recovery import emailed_links, emails
from web import limits
from web.refusals import Refused


def ask(user: User) -> None:
    """Have a link sent to the user's e-mail; nothing is sent to a guest, or to a verified one.

    Raises Refused: too_fast.
    """
    if user.email and not user.is_email_verified:
        limits.check("email_checks", user.email)
        emails.ask(emails.Kind.VERIFY, user.email)


def verify(link: str) -> None:
    """Note by the end of a link that its user reads the e-mail; again, it changes nothing.

    Raises Refused: not_found for a link that is too old, or of an e-mail that is no longer theirs.
    """
    user_id, email = emailed_links.read_verify(link) or (0, "")
    if not User.objects.filter(pk=user_id, email=email).update(verified_email=email):
        raise Refused("not_found", _("This link is too old. Ask for another one."))
