"""What goes over the wire about auth.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct


class CsrfAnswer(Struct, kw_only=True):
    csrf: str


class EmailAnswer(Struct, kw_only=True):
    """The own e-mail, null for a guest, and whether its owner was seen to read it."""

    email: str | None
    is_verified: bool


class EndedAnswer(Struct, kw_only=True):
    ended: int


class ForgettingAnswer(Struct, kw_only=True):
    """Since when the user is to be forgotten; null: not at all."""

    asked_at_ms: int | None


class UserShape(Struct, kw_only=True):
    id: int
    nickname: str
    is_guest: bool


class WalletShape(Struct, kw_only=True):
    """The own coins in a club."""

    club: str
    coins: int


class MeAnswer(Struct, kw_only=True):
    """The own account and its coins."""

    user: UserShape
    wallets: list[WalletShape]


class NicknameAnswer(Struct, kw_only=True):
    """A friendly name that a newcomer may take."""

    nickname: str


class RefreshedAnswer(Struct, kw_only=True):
    access_expires_at_ms: int


class ResetAnswer(Struct, kw_only=True):
    """How long a link is good, if one was sent."""

    valid_for_s: int


class SignInShape(Struct, kw_only=True):
    """One of the own sign-ins."""

    id: str
    browser: str
    address: str
    created_at_ms: int
    seen_at_ms: int
    is_this: bool


class SignInsAnswer(Struct, kw_only=True):
    results: list[SignInShape]
    next: str | None = None


class TicketAnswer(Struct, kw_only=True):
    ticket: str
    expires_in_s: int


class TokenAnswer(Struct, kw_only=True):
    """Tokens for clients without cookies."""

    access: str
    refresh: str
    access_expires_at_ms: int


class UserAnswer(Struct, kw_only=True):
    """The user after the call; tokens come along only where Authorization was used."""

    user: UserShape
    access: str | None = None
    refresh: str | None = None
