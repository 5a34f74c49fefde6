"""Sign-in as a guest, with a new account, or with an existing one."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import arrivals, nicknames
from accounts.auth import bans, known_devices, passwords, tokens
from accounts.models import SignIn, User, tidy_email
from web import limits
from web.addresses import network
from web.parsing import malformed
from web.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a sign-in comes from: device, address, browser, and the device's passes."""

    device: str
    address: str
    user_agent: str
    passes: str = ""

    def start(self, user: User) -> tokens.Fresh:
        """Begin a sign-in of this user here; of an IPv6 address only the network is kept."""
        return tokens.start(
            user, device=self.device, address=network(self.address), user_agent=self.user_agent
        )


def as_guest(nickname: str | None, caller: Caller) -> tokens.Fresh:
    """Make a guest, named by themselves or by us, and sign them in."""
    name = nicknames.suggest() if nickname is None else nicknames.validate(nickname)
    limits.check_address("guests", caller.address)
    user = User.objects.create_user(name)
    arrivals.welcome(user)
    return caller.start(user)


def register(
    *, email: str, nickname: str, password: str, caller: Caller, present: SignIn | None
) -> tokens.Fresh:
    """Make an account, or turn the present guest into one: same id, coins and positions.

    Every sign-in of that guest ends and a new one begins, so that a guest's token that somebody
    copied opens nothing of the account. The same registration again (pressed twice, or its answer
    was lost) signs in to the account that it made. Raises Refused: email_taken, forbidden,
    nickname_refused, weak_password.
    """
    email, name = read_email(email), nicknames.validate(nickname)
    check_length(password, "password")
    guest = present.user if present and present.user.is_guest else None
    if guest:
        # No account is made here; still nobody may try one e-mail after the other.
        limits.check("log_ins_account", f"user:{guest.pk}")
    else:
        limits.check_address("guests", caller.address)
    is_taken = User.objects.filter(email=email).exists()
    user = None if is_taken else _make(guest, email, name, password)
    if user is None:
        return _repeat(email, password, caller=caller, present=present)
    if present and not guest:
        tokens.end([present.pk], "replaced")
    arrivals.welcome(user)
    return caller.start(user)


def _repeat(email: str, password: str, *, caller: Caller, present: SignIn | None) -> tokens.Fresh:
    """Sign in to the account that the same registration has made.

    Raises Refused: email_taken for an account of somebody else, forbidden, too_fast.
    """
    owner = User.objects.filter(email=email).first()
    if owner is None:
        # The other tab had another e-mail.
        raise Refused("forbidden", _("You have made an account already, in another tab."))
    if present and present.user_id != owner.pk:
        raise Refused("email_taken")
    leaving = [present.pk] if present else []
    try:
        return log_in(email, password, caller=caller, leaving=leaving)
    except Refused as refused:
        raise Refused("email_taken") if refused.code == "wrong_credentials" else refused from None


def log_in(
    email: str, password: str, *, caller: Caller, leaving: Collection[UUID] = ()
) -> tokens.Fresh:
    """Sign an account in; sign-ins that were here before are left behind, nothing is merged.

    Raises Refused: wrong_credentials, for an unknown e-mail and a wrong password alike, after
    equal work.
    """
    check_length(password, "password")
    known_devices.count_log_in(email, caller.address, caller.passes)
    user = passwords.owner(email, password)
    if user is None:
        raise Refused("wrong_credentials")
    bans.refuse_banned(user)
    tokens.end(leaving, "replaced")
    return caller.start(user)


def change_password(sign_in: SignIn, current: str, new: str, *, caller: Caller) -> tokens.Fresh:
    """Choose another password: every sign-in ends, sockets included, and one new one begins."""
    user = sign_in.user
    if user.is_guest:
        raise Refused("forbidden", _("A guest has no password; make an account first."))
    check_length(current, "current")
    check_length(new, "new")
    limits.check("log_ins_account", f"user:{user.pk}")
    if not passwords.is_right(user, current):
        raise Refused("wrong_credentials", _("The present password does not match."))
    user.password = passwords.chosen(new, user)
    User.objects.filter(pk=user.pk).update(password=user.password)
    tokens.end_all(user, "password changed")
    return caller.start(user)


def _make(guest: User | None, email: str, name: str, password: str) -> User | None:
    """A new account, or a guest's; None where another request was first."""
    kept = passwords.chosen(password, User(email=email, nickname=name))
    try:
        with transaction.atomic():
            if guest:
                return _upgrade(guest, email, name, kept)
            return User.objects.create(email=email, nickname=name, password=kept, is_guest=False)
    except IntegrityError:
        return None


def _upgrade(guest: User, email: str, name: str, kept: str) -> User | None:
    is_first = User.objects.filter(pk=guest.pk, is_guest=True).update(
        email=email, **User.named(name), password=kept, is_guest=False
    )
    if not is_first:
        return None
    upgraded = User.objects.get(pk=guest.pk)
    tokens.end_all(upgraded, "upgraded")
    return upgraded


def read_email(text: str) -> str:
    """An e-mail as it is kept. Raises Refused: malformed, for what is none."""
    email = tidy_email(text)
    try:
        validate_email(email)
    except ValidationError:
        raise malformed("email", _("This is no e-mail address.")) from None
    if len(email) > limits.EMAIL_CHARACTERS_MAX:
        raise malformed("email", _("This is no e-mail address."))
    return email


def check_length(password: str, field: str) -> None:
    """Raises Refused: malformed, for a password too long to be one."""
    if len(password) > limits.PASSWORD_CHARACTERS_MAX:
        raise malformed(field)
