"""/api/rooms/ without members and what betting adds; see docs/protocol.md."""

from typing import Annotated, ClassVar, Literal, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from rooms import access, clubs, codes, live, opening
from rooms.api import listing
from rooms.api.room_view import (
    Entered,
    RoomView,
    address,
    entered,
    page_path,
    shown,
)
from rooms.fanout import hub
from rooms.messages import RoomShape, room_shape
from rooms.models import MAIN_CLUB
from rooms.opening import Columns
from web import addresses, limits
from web.contract.descriptions import Link, described
from web.contract.fields import PageQuery, Title
from web.negotiation import respond
from web.parsing import Message, Nothing, given, malformed, parse, tidy

RADIUS_M_MIN = 30
RADIUS_M_MAX = 100_000

Visibility = Literal["public", "unlisted"]
# Seconds for which a result is unofficial; the model's choices.
OfficialAfter = Literal[0, 15, 30, 60, 120]
ChatMode = Literal["on", "slow", "reactions", "off"]
Capacity = Annotated[int, Meta(ge=2, le=limits.ROOM_CAPACITY_MAX)]
UnattendedAfter = Annotated[int, Meta(ge=60, le=86_400)]
OpenAtMost = Annotated[int, Meta(ge=600, le=604_800)]
StreamDelay = Annotated[int, Meta(ge=0, le=limits.STREAM_DELAY_S_MAX)]
# The fields that are kept as they are said.
_PLAIN = (
    "visibility", "capacity", "hosts_may_bet", "official_after_s", "unattended_after_s",
    "open_at_most_s", "stream_delay_s", "chat_mode", "evening_public",
)  # fmt: skip


ClubSlug = Annotated[str, Meta(examples=["main"])]


class RoomsQuery(PageQuery, frozen=True):
    """What narrows the list; `lat` and `lon` belong together, a radius needs them.

    `club` is a club's slug.
    """

    lat: Annotated[float, Meta(ge=-90, le=90)] | UnsetType = UNSET
    lon: Annotated[float, Meta(ge=-180, le=180)] | UnsetType = UNSET
    radius_m: Annotated[float, Meta(ge=0, le=20_100_000)] | UnsetType = UNSET
    q: Annotated[str, Meta(examples=["snail"])] = ""
    club: ClubSlug = ""


class PlaceAsk(Message, frozen=True):
    """A circle on the earth."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    radius_m: Annotated[int, Meta(ge=RADIUS_M_MIN, le=RADIUS_M_MAX)]
    bets_need_presence: bool


class RoomAsk(Message, frozen=True):
    title: Title
    visibility: Visibility
    capacity: Capacity = limits.ROOM_CAPACITY_DEFAULT
    hosts_may_bet: bool = False
    official_after_s: OfficialAfter = 15
    unattended_after_s: UnattendedAfter = 1_800
    open_at_most_s: OpenAtMost = 86_400
    stream_delay_s: StreamDelay = 0
    chat_mode: ChatMode = "on"
    evening_public: bool = False
    place: PlaceAsk | None = None
    club: ClubSlug = MAIN_CLUB
    key: UUID | UnsetType = UNSET


class RoomChange(Message, frozen=True):
    """A host's change of a room; an absent field stays, a null place is removed."""

    title: Title | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    hosts_may_bet: bool | UnsetType = UNSET
    official_after_s: OfficialAfter | UnsetType = UNSET
    unattended_after_s: UnattendedAfter | UnsetType = UNSET
    open_at_most_s: OpenAtMost | UnsetType = UNSET
    stream_delay_s: StreamDelay | UnsetType = UNSET
    chat_mode: ChatMode | UnsetType = UNSET
    evening_public: bool | UnsetType = UNSET
    place: PlaceAsk | None | UnsetType = UNSET


class RoomList(msgspec.Struct):
    results: list[RoomShape]
    next: str | None


def _columns(ask: RoomAsk | RoomChange) -> Columns:
    """The columns that an ask names, without those it left out."""
    said = {name: getattr(ask, name) for name in _PLAIN}
    columns = cast(Columns, {name: value for name, value in said.items() if value is not UNSET})
    if ask.title is not UNSET:
        columns["title"] = tidy(ask.title, "title", most=limits.TITLE_CHARACTERS_MAX)
    if ask.place is not UNSET:
        columns |= _place_columns(ask.place)
    return columns


def _place_columns(place: PlaceAsk | None) -> Columns:
    return Columns(
        place_lat=place.lat if place else None,
        place_lon=place.lon if place else None,
        place_radius_m=place.radius_m if place else None,
        bets_need_presence=bool(place and place.bets_need_presence),
    )


def _count_nearby(request: Request) -> None:
    if request.user:
        limits.check("nearby", user_of(request).pk)
    else:
        limits.check_address("nearby", addresses.of(request._request))


class Rooms(APIView):
    """The list of public rooms, and opening one."""

    def get_permissions(self) -> list[BasePermission]:
        return [SignedIn()] if self.request.method == "POST" else []

    @described(query=RoomsQuery, answers={200: RoomList}, refuses=("too_fast",))
    def get(self, request: Request, query: RoomsQuery) -> Response:
        """Public live rooms, newest first; `lat`, `lon`, `radius_m` and `q` narrow them."""
        lat, lon, radius_m = given(query.lat), given(query.lon), given(query.radius_m)
        if (lat is None) != (lon is None) or (radius_m is not None and lat is None):
            raise malformed("lat")
        if lat is not None:
            _count_nearby(request)
        search = listing.Search(
            words=query.q.strip()[: limits.TITLE_CHARACTERS_MAX],
            lat=lat,
            lon=lon,
            radius_m=radius_m,
            club=query.club,
            before_id=given(query.before),
        )
        found, before_id = listing.public_rooms(search)
        here = live.here([each.facts.id for each in found])
        rooms = [room_shape(each.facts, here[each.facts.id], each.band) for each in found]
        return respond(RoomList(rooms, page_path(request, before_id)))

    @described(
        asks=RoomAsk,
        answers={201: RoomShape},
        refuses=("not_found", "too_fast"),
        links=(
            Link(to="rooms_enter_post", path={"code": "$response.body#/code"}),
            Link(to="rooms_markets_post", path={"code": "$response.body#/code"}),
        ),
    )
    def post(self, request: Request) -> Response:
        """Open a room and host it; guests may. The same `key` again is the same room.

        `club` is a club in which one may open rooms.
        """
        ask = parse(request.data, RoomAsk)
        host, club = user_of(request), clubs.find(ask.club)
        room = opening.open_room(host, key=given(ask.key), club=club, by=host, **_columns(ask))
        return respond(shown(room), 201)


class OneRoom(RoomView):
    key_rights: ClassVar[dict[str, str]] = {"GET": "read"}

    def get_permissions(self) -> list[BasePermission]:
        return [SignedIn()] if self.request.method == "PATCH" else []

    @described(answers={200: RoomShape})
    def get(self, request: Request, code: str) -> Response:
        """A room; an unlisted one is shown to everybody who knows its code."""
        return respond(shown(self.room_by_code(code)))

    @described(asks=RoomChange, answers={200: RoomShape}, refuses=("room_ended",))
    def patch(self, request: Request, code: str) -> Response:
        """Change a room; host and co-hosts may. Its sockets are told."""
        columns = _columns(parse(request.data, RoomChange))
        room = self.room(code)
        by = user_of(request)
        access.require(room, by, "change_room")
        room = opening.change_room(room, by, **columns)
        hub.post_recheck(room.pk)
        return respond(shown(room))


class Enter(RoomView):
    @described(asks=Nothing, answers={200: Entered}, refuses=("room_ended", "room_full"))
    def post(self, request: Request, code: str) -> Response:
        """Become a member; repeating it changes nothing."""
        parse(request.data, Nothing)
        room = self.room_by_code(code)
        present = access.enter(user_of(request), room)
        codes.give_back_tries(room.pk, address(request))
        return respond(entered(present, room))


class Leave(RoomView):
    @described(asks=Nothing, answers={200: RoomShape})
    def post(self, request: Request, code: str) -> Response:
        """End the own membership; coins and positions stay. Repeating it changes nothing."""
        parse(request.data, Nothing)
        room, user = self.room(code), user_of(request)
        access.leave(user, room)
        live.forget_here(room.pk, user.pk)
        hub.post_recheck(room.pk)
        return respond(shown(room))


class End(RoomView):
    @described(asks=Nothing, answers={200: RoomShape}, refuses=("market_undecided",))
    def post(self, request: Request, code: str) -> Response:
        """End a room for good, once every question in it is decided."""
        parse(request.data, Nothing)
        room = self.room(code)
        by = user_of(request)
        access.require(room, by, "end_room")
        room = opening.end_room(room, by)
        hub.post_recheck(room.pk)
        return respond(shown(room))
