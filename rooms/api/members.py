"""/api/rooms/{code}/members/: the members of a room, and acts on them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from accounts.auth.openapi import described
from accounts.models import User
from rooms import access, live
from rooms.api.room_view import RoomView, before, page_path
from rooms.fanout import hub
from rooms.messages import Person
from rooms.models import Membership
from web import limits
from web.parsing import Message, parse, tidy
from web.refusals import Refused
from web.responses import respond
from web.times import now_ms

MEMBERS_OPEN_MAX = 200
MEMBERS_PER_PAGE = 50
MINUTES_MAX = 525_600


class MemberAsk(Message, frozen=True):
    """An act on a member; minutes bound a mute or a ban, without them it has no end."""

    action: Literal[
        "mute", "unmute", "remove", "ban", "unban", "make_cohost", "make_moderator", "make_player"
    ]
    reason: str = ""
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_MAX)] | None = None


class MemberShape(msgspec.Struct):
    user: Person
    role: str
    muted: bool
    state: str


class MemberList(msgspec.Struct):
    results: list[MemberShape]
    next: str | None


def _member_shape(standing: Membership) -> MemberShape:
    return MemberShape(
        user=Person(standing.user_id, standing.shown_as or standing.user.nickname),
        role=standing.role,
        muted=standing.muted_until_ms > now_ms(),
        state=standing.state,
    )


class Members(RoomView):
    @described(answers={200: MemberList})
    def get(self, request: Request, code: str) -> Response:
        """Members, newest first; above 200 of them for host and co-hosts only.

        Users who may moderate see banned members, too.
        """
        room, user = self.room(code), user_of(request)
        if not access.may_manage(room, user):
            access.member(room, user)
            if access.count_members(room) > MEMBERS_OPEN_MAX:
                raise Refused("forbidden")
        states = [Membership.State.IN]
        if access.may_moderate(room, user):
            states.append(Membership.State.BANNED)
        rows = Membership.objects.filter(room=room, state__in=states).select_related("user")
        if before_id := before(request):
            rows = rows.filter(pk__lt=before_id)
        page = list(rows.order_by("-pk")[: MEMBERS_PER_PAGE + 1])
        more = page[MEMBERS_PER_PAGE - 1].pk if len(page) > MEMBERS_PER_PAGE else None
        members = [_member_shape(row) for row in page[:MEMBERS_PER_PAGE]]
        return respond(MemberList(members, page_path(request, more)))


class OneMember(RoomView):
    @described(asks=MemberAsk, answers={200: MemberShape})
    def post(self, request: Request, code: str, user_id: int) -> Response:
        """Mute, send away or promote a member of a lower role; repeating it changes nothing."""
        ask = parse(request.data, MemberAsk)
        reason = tidy(ask.reason, "reason", most=limits.REASON_CHARACTERS_MAX, least=0)
        room, by = self.room(code), user_of(request)
        if not access.may_moderate(room, by):
            raise Refused("forbidden")
        standing = (
            Membership.objects.select_related("user", "room")
            .filter(room=room, user=user_id)
            .first()
        )
        if standing is None:
            raise Refused("not_found")
        _act(ask, by, standing, reason)
        if standing.state != Membership.State.IN:
            live.forget_here(room.pk, user_id)
        hub.post_recheck(room.pk)
        return respond(_member_shape(standing))


def _act(ask: MemberAsk, by: User, of: Membership, reason: str) -> None:
    until_ms = now_ms() + ask.minutes * 60_000 if ask.minutes else None
    match ask.action:
        case "mute":
            access.mute(by, of, until_ms or access.FOR_GOOD_MS, reason)
        case "unmute":
            access.mute(by, of, 0)
        case "remove":
            access.send_away(by, of, reason=reason)
        case "ban":
            access.send_away(by, of, until_ms=until_ms, reason=reason)
        case "unban":
            access.unban(by, of)
        case _:
            access.give_role(by, of, ask.action.removeprefix("make_"))
