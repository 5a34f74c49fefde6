"""What the identity calls read and answer."""

import msgspec
from msgspec import UNSET, UnsetType

from accounts.models import SignIn, User
from web.contract.fields import Email, NewPassword, Nickname, Password
from web.parsing import Message


class GuestAsk(Message, frozen=True):
    nickname: Nickname | UnsetType = UNSET


class RegisterAsk(Message, frozen=True):
    email: Email
    nickname: Nickname
    password: NewPassword


class NicknameAnswer(msgspec.Struct, frozen=True):
    """A friendly name that a newcomer may take."""

    nickname: str


class RenameAsk(Message, frozen=True):
    """Taking another name."""

    nickname: Nickname


class LogInAsk(Message, frozen=True):
    email: Email
    password: Password


class RefreshAsk(Message, frozen=True):
    refresh: str


class PasswordAsk(Message, frozen=True):
    """Changing one's own password."""

    current: Password
    new: NewPassword


class ResetAsk(Message, frozen=True):
    """Asking for another password by e-mail."""

    email: Email


class ChooseAsk(Message, frozen=True):
    """Another password, by what stands behind the # of an e-mail's link."""

    link: str
    new: NewPassword


class VerifyAsk(Message, frozen=True):
    """What stands behind the # of an e-mail's link."""

    link: str


class ResetAnswer(msgspec.Struct, frozen=True):
    """How long a link is good, if one was sent."""

    valid_for_s: int


class EmailAnswer(msgspec.Struct, frozen=True):
    """The own e-mail, null for a guest, and whether its owner was seen to read it."""

    email: str | None
    is_verified: bool


class EndAsk(Message, frozen=True):
    """Ending one's own sign-ins: all of them, or all but the one that asks."""

    others_only: bool = False


class UserShape(msgspec.Struct, frozen=True):
    id: int
    nickname: str
    is_guest: bool


class UserAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The user after the call; tokens come along only where Authorization was used."""

    user: UserShape
    access: str | None = None
    refresh: str | None = None


class CsrfAnswer(msgspec.Struct, frozen=True):
    csrf: str


class RefreshedAnswer(msgspec.Struct, frozen=True):
    access_expires_at_ms: int


class TokenAnswer(msgspec.Struct, frozen=True):
    """Tokens for clients without cookies."""

    access: str
    refresh: str
    access_expires_at_ms: int


class TicketAnswer(msgspec.Struct, frozen=True):
    ticket: str
    expires_in_s: int


class ForgettingAnswer(msgspec.Struct):
    """Since when the user is to be forgotten; null: not at all."""

    asked_at_ms: int | None


class EndedAnswer(msgspec.Struct, frozen=True):
    ended: int


class SignInShape(msgspec.Struct, frozen=True):
    """One of the own sign-ins."""

    id: str
    browser: str
    address: str
    created_at_ms: int
    seen_at_ms: int
    is_this: bool


class SignInsAnswer(msgspec.Struct, frozen=True):
    results: list[SignInShape]
    next: str | None = None


def user_shape(user: User) -> UserShape:
    """A user as everybody may see them."""
    return UserShape(id=user.pk, nickname=user.nickname, is_guest=user.is_guest)


def sign_in_shape(sign_in: SignIn, *, is_this: bool) -> SignInShape:
    """A sign-in as its owner sees it."""
    return SignInShape(
        id=str(sign_in.pk),
        browser=sign_in.user_agent,
        address=sign_in.address,
        created_at_ms=round(sign_in.created_at.timestamp() * 1000),
        seen_at_ms=round(sign_in.seen_at.timestamp() * 1000),
        is_this=is_this,
    )
