"""/api/clubs/: the own clubs, making one, and who belongs to it."""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from accounts.models import User
from rooms import clubs
from rooms.api.room_view import caller, page_of, page_path
from rooms.fanout import hub
from rooms.messages import Person
from rooms.models import Club, ClubMembership
from rooms.people import purses
from web import limits
from web.contract.descriptions import described
from web.contract.fields import PageQuery, Title
from web.negotiation import respond
from web.parsing import Message, Nothing, given, parse, tidy
from web.refusals import Refused

CLUBS_PER_PAGE = MEMBERS_PER_PAGE = 50


class ClubShape(msgspec.Struct):
    """A club; `role` is the reader's own, null for strangers and in the main club."""

    slug: str
    title: str
    role: str | None
    members_may_open_rooms: bool
    may_open_rooms: bool


class OwnClubs(msgspec.Struct):
    """The own clubs, and whether the reader may make one."""

    results: list[ClubShape]
    next: str | None
    may_make: bool


class ClubAsk(Message, frozen=True):
    title: Title
    key: UUID | UnsetType = UNSET


class ClubChange(Message, frozen=True):
    """A change of a club; an absent field stays."""

    title: Title | UnsetType = UNSET
    members_may_open_rooms: bool | UnsetType = UNSET


class ClubMember(msgspec.Struct):
    """A member; their coins, as last recorded, are shown to those who run the club."""

    user: Person
    role: str
    since_ms: int
    coins: int | UnsetType = UNSET


class ClubMembers(msgspec.Struct):
    results: list[ClubMember]
    next: str | None


class RoleAsk(Message, frozen=True):
    role: Literal["moderator", "member"]


def _shown(club: Club, user: User | None, role: str | None) -> ClubShape:
    return ClubShape(
        slug=club.slug,
        title=club.title,
        role=role,
        members_may_open_rooms=club.members_may_open_rooms,
        may_open_rooms=user is not None and clubs.may_open_rooms(user, club, role),
    )


class Clubs(APIView):
    """The own clubs, and making one."""

    permission_classes = [SignedIn]

    @described(query=PageQuery, answers={200: OwnClubs})
    def get(self, request: Request, query: PageQuery) -> Response:
        """The clubs that the user belongs to, the newest membership first; the main one is none."""
        user = user_of(request)
        rows = ClubMembership.objects.filter(user=user).select_related("club")
        page, before_id = page_of(rows, query, CLUBS_PER_PAGE)
        shown = [_shown(row.club, user, row.role) for row in page]
        return respond(OwnClubs(shown, page_path(request, before_id), clubs.may_make(user)))

    @described(asks=ClubAsk, answers={201: ClubShape}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """Make a club with coins of its own, where operators let one; a `key` makes one club."""
        ask = parse(request.data, ClubAsk)
        title = tidy(ask.title, "title", most=limits.TITLE_CHARACTERS_MAX)
        user = user_of(request)
        club = clubs.make(user, title, key=given(ask.key))
        return respond(_shown(club, user, clubs.role_in(user, club)), 201)


class OneClub(APIView):
    """A club."""

    def get_permissions(self) -> list[BasePermission]:
        return [SignedIn()] if self.request.method == "PATCH" else []

    @described(answers={200: ClubShape})
    def get(self, request: Request, slug: str) -> Response:
        """A club; everybody may see it. Its public rooms are in the list of rooms by `club`."""
        club, user = clubs.find(slug), caller(request)
        return respond(_shown(club, user, clubs.role_in(user, club)))

    @described(asks=ClubChange, answers={200: ClubShape})
    def patch(self, request: Request, slug: str) -> Response:
        """Change a club; its owner may."""
        ask = parse(request.data, ClubChange)
        club, user = clubs.find(slug), user_of(request)
        clubs.require_may_run(user, club)
        if ask.title is not UNSET:
            club.title = tidy(ask.title, "title", most=limits.TITLE_CHARACTERS_MAX)
        if ask.members_may_open_rooms is not UNSET:
            club.members_may_open_rooms = ask.members_may_open_rooms
        club.save(update_fields=["title", "members_may_open_rooms"])
        return respond(_shown(club, user, clubs.role_in(user, club)))


class Leave(APIView):
    permission_classes = [SignedIn]

    @described(asks=Nothing, answers={200: ClubShape})
    def post(self, request: Request, slug: str) -> Response:
        """End the own membership; coins stay. Repeating it changes nothing; an owner cannot."""
        parse(request.data, Nothing)
        club, user = clubs.find(slug), user_of(request)
        for room_id in clubs.leave(user, club):
            hub.post_recheck(room_id)
        return respond(_shown(club, user, None))


class Members(APIView):
    permission_classes = [SignedIn]

    @described(query=PageQuery, answers={200: ClubMembers})
    def get(self, request: Request, slug: str, query: PageQuery) -> Response:
        """The members of a club, newest first, for those who run or moderate it."""
        club, user = clubs.find(slug), user_of(request)
        runs = clubs.may_run(user, club)
        if not (runs or clubs.role_in(user, club) == clubs.ClubRole.MODERATOR):
            raise Refused("forbidden")
        rows = club.memberships.select_related("user")
        page, before_id = page_of(rows, query, MEMBERS_PER_PAGE)
        held = purses.coins(club.pk, [row.user_id for row in page]) if runs else {}
        members = [_member(row, held.get(row.user_id, UNSET)) for row in page]
        return respond(ClubMembers(members, page_path(request, before_id)))


def _member(row: ClubMembership, coins: int | UnsetType) -> ClubMember:
    return ClubMember(Person(row.user_id, row.user.nickname), row.role, row.joined_at_ms, coins)


class OneMember(APIView):
    permission_classes = [SignedIn]

    @described(asks=RoleAsk, answers={200: ClubMember})
    def post(self, request: Request, slug: str, user_id: int) -> Response:
        """Make a member moderator or member again; it counts in the club's live rooms at once."""
        ask = parse(request.data, RoleAsk)
        club = clubs.find(slug)
        row, room_ids = clubs.give_role(user_of(request), club, user_id, ask.role)
        for room_id in room_ids:
            hub.post_recheck(room_id)
        return respond(_member(row, UNSET))
