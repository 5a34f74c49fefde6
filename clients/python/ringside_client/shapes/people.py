"""What goes over the wire about people.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct

from ringside_client.shapes.shared import Line, Person


class ActShape(Struct, kw_only=True):
    """An act; names are those of that moment, null is nobody or an erased user.

    `words` are `what` in the reader's language.
    """

    id: int
    what: str
    words: str
    by: Person | None
    of: Person | None
    detail: str
    reason: str
    at_ms: int


class ActList(Struct, kw_only=True):
    results: list[ActShape]
    next: str | None


class Lines(Struct, kw_only=True):
    results: list[Line]
    next: str | None


class MemberShape(Struct, kw_only=True):
    """A member; the fields behind `state` are shown to those who may moderate."""

    user: Person
    role: str
    muted: bool
    state: str
    muted_until_ms: int | None = None
    since_ms: int | None = None
    staked: int | None = None
    reason: str | None = None


class MemberList(Struct, kw_only=True):
    results: list[MemberShape]
    next: str | None


class NewcomerList(Struct, kw_only=True):
    """Names of members, the one who came last first."""

    names: list[str]


class PresenceAnswer(Struct, kw_only=True):
    """Whether bets of this user are taken in a room with a place, and why not."""

    may_bet: bool
    why: str
    where: str
    proof: str | None
