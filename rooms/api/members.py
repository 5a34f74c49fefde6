"""/api/rooms/{code}/members/: the members of a room, and acts on them."""

from typing import Annotated, Literal

import msgspec
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from accounts.models import User
from accounts.nicknames import skeleton
from rooms import access, live
from rooms.api.room_view import RoomView, page_of, page_path
from rooms.fanout import hub
from rooms.messages import Person
from rooms.models import Membership, Room
from rooms.people import moderation, staked
from web import limits
from web.contract.descriptions import described
from web.contract.fields import OptionalReason, PageQuery
from web.negotiation import respond
from web.parsing import Message, parse, tidy
from web.refusals import Refused
from web.times import now_ms

State = Membership.State
MEMBERS_OPEN_MAX = 200
MEMBERS_PER_PAGE = 50
MINUTES_MAX = 525_600


class MemberAsk(Message, frozen=True):
    """An act on a member; minutes bound a mute or a ban, without them it has no end."""

    action: Literal[
        "mute", "unmute", "remove", "ban", "unban", "make_cohost", "make_moderator", "make_player"
    ]
    reason: OptionalReason = ""
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_MAX)] | None = None


class MembersQuery(PageQuery, frozen=True):
    """Whose name is searched for; without it all."""

    q: Annotated[str, Meta(examples=["otter"])] = ""


class MemberShape(msgspec.Struct, kw_only=True):
    """A member; the fields behind `state` are shown to those who may moderate."""

    user: Person
    role: str
    muted: bool
    state: str
    muted_until_ms: int | None | UnsetType = UNSET
    since_ms: int | None | UnsetType = UNSET
    staked: int | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class MemberList(msgspec.Struct):
    results: list[MemberShape]
    next: str | None


def _member_shape(standing: Membership, *, staked: int | None = None) -> MemberShape:
    is_muted = standing.muted_until_ms > now_ms()
    shape = MemberShape(
        user=Person(standing.user_id, standing.shown_as or standing.user.nickname),
        role=standing.role,
        muted=is_muted,
        state=standing.state,
    )
    if staked is not None:
        shape.muted_until_ms = standing.muted_until_ms if is_muted else None
        shape.since_ms, shape.staked = standing.entered_at_ms or None, staked
        shape.reason = standing.reason
    return shape


class Members(RoomView):
    @described(query=MembersQuery, answers={200: MemberList}, refuses=("not_member",))
    def get(self, request: Request, code: str, query: MembersQuery) -> Response:
        """Members, newest first; above 200 of them for host and co-hosts only. `q` searches names.

        Users who may moderate see the removed and banned, too, and of each what was staked.
        """
        room, user = self.room(code), user_of(request)
        may_moderate = access.may_moderate(room, user)
        if not access.may_manage(room, user):
            access.member(room, user)
            if access.count_members(room) > MEMBERS_OPEN_MAX:
                raise Refused("forbidden")
        rows = _found(room, query, may_moderate=may_moderate)
        page, before_id = page_of(rows, query, MEMBERS_PER_PAGE)
        tonight = staked.coins(room.pk, [row.user_id for row in page]) if may_moderate else {}
        members = [_member_shape(row, staked=tonight.get(row.user_id)) for row in page]
        return respond(MemberList(members, page_path(request, before_id)))


def _found(room: Room, query: MembersQuery, *, may_moderate: bool) -> QuerySet[Membership]:
    states = [State.IN, State.REMOVED, State.BANNED] if may_moderate else [State.IN]
    rows = Membership.objects.filter(room=room, state__in=states).select_related("user")
    if words := query.q.strip()[: limits.NICKNAME_CHARACTERS_MAX]:
        rows = rows.annotate(called=Coalesce("shown_as", "user__nickname"))
        # By skeleton too: what databases fold is not the same everywhere.
        rows = rows.filter(Q(called__folded=words) | Q(skeleton__contains=skeleton(words)))
    return rows


class OneMember(RoomView):
    @described(asks=MemberAsk, answers={200: MemberShape}, refuses=("not_member",))
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
        access.require(room, by, ask.action)
        _act(ask, by, standing, reason)
        if standing.state != Membership.State.IN:
            live.forget_here(room.pk, user_id)
        hub.post_recheck(room.pk)
        tonight = staked.coins(room.pk, [user_id])[user_id]
        return respond(_member_shape(standing, staked=tonight))


def _act(ask: MemberAsk, by: User, of: Membership, reason: str) -> None:
    until_ms = now_ms() + ask.minutes * 60_000 if ask.minutes else None
    match ask.action:
        case "mute":
            moderation.mute(by, of, until_ms or moderation.FOR_GOOD_MS, reason)
        case "unmute":
            moderation.mute(by, of, 0)
        case "remove":
            moderation.send_away(by, of, reason=reason)
        case "ban":
            moderation.send_away(by, of, until_ms=until_ms, reason=reason)
        case "unban":
            moderation.unban(by, of)
        case _:
            moderation.give_role(by, of, ask.action.removeprefix("make_"))
