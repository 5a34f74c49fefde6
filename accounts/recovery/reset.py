"""Another password by e-mail, for those who forgot theirs."""

from django.utils.translation import gettext as _

from accounts.auth import entry, passwords, tokens
from accounts.models import User
from accounts.recovery import emailed_links, emails
from web import limits
from web.refusals import Refused


def ask(email: str, *, address: str) -> None:
    """Have a link sent to an address if an account has it; nobody is told whether one has.

    Raises Refused: malformed, too_fast.
    """
    email = entry.read_email(email)
    limits.check_address("resets", address)
    limits.check("resets_account", email)
    emails.ask(emails.Kind.RESET, email)


def choose(link: str, password: str, *, address: str) -> None:
    """Set another password by the end of a link; every sign-in of the account ends.

    Raises Refused: not_found for a link that is used or too old, weak_password, too_fast.
    """
    entry.check_length(password, "new")
    limits.check_address("resets", address)
    user = emailed_links.read_reset(link)
    if user is None:
        raise _over()
    kept = passwords.chosen(password, user)
    same = User.objects.filter(pk=user.pk, password=user.password)
    # The link came to the account's address, so whoever has it reads what is sent there.
    if not same.update(password=kept, verified_email=user.email):
        raise _over()
    tokens.end_all(user, "password reset")


def _over() -> Refused:
    return Refused("not_found", _("This link was used, or is too old. Ask for another one."))
