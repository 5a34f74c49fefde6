"""What goes over the wire about clubs.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct

from ringside_client.shapes.shared import Person


class ClubMember(Struct, kw_only=True):
    """A member; their coins, as last recorded, are shown to those who run the club."""

    user: Person
    role: str
    since_ms: int
    coins: int | None = None


class ClubMembers(Struct, kw_only=True):
    results: list[ClubMember]
    next: str | None


class ClubShape(Struct, kw_only=True):
    """A club; `role` is the reader's own, null for strangers and in the main club."""

    slug: str
    title: str
    role: str | None
    members_may_open_rooms: bool
    may_open_rooms: bool


class OwnClubs(Struct, kw_only=True):
    """The own clubs, and whether the reader may make one."""

    results: list[ClubShape]
    next: str | None
    may_make: bool
