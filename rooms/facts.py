"""The facts of a room that a connection knows without asking the database again."""

from dataclasses import dataclass
from functools import cache

from django.db.models import OuterRef, QuerySet, Subquery

from rooms.models import Membership, Room
from rooms.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    """A room as it stood when it was last read; at most about a second old on a socket."""

    id: int
    code: str
    title: str
    club_id: int
    club: str
    visibility: str
    is_live: bool
    host_id: int
    host_nickname: str
    capacity: int
    hosts_may_bet: bool
    official_after_s: int
    unattended_after_s: int
    open_at_most_s: int
    stream_delay_s: int
    chat_mode: str
    evening_public: bool
    open_markets: int
    place: Place | None
    bets_need_presence: bool
    created_at_ms: int


def with_facts() -> QuerySet[Room]:
    """Rooms with all that facts_of reads, and what the host is called in each."""
    return _with_facts().all()


@cache
def _with_facts() -> QuerySet[Room]:
    # Never read itself: those that are made from it are, each for its own.
    host = Membership.objects.filter(room=OuterRef("pk"), user=OuterRef("host"))
    rooms = Room.objects.select_related("club", "host")
    return rooms.annotate(host_shown_as=Subquery(host.values("shown_as")[:1]))


def facts_of(room: Room) -> RoomFacts:
    """Read a room's facts; rooms of with_facts need no further question."""
    place = None
    if room.place_lat is not None and room.place_lon is not None and room.place_radius_m:
        place = Place(room.place_lat, room.place_lon, room.place_radius_m)
    return RoomFacts(
        id=room.pk,
        code=room.code,
        title=room.title,
        club_id=room.club_id,
        club=room.club.slug,
        visibility=room.visibility,
        is_live=room.is_live,
        host_id=room.host_id,
        host_nickname=getattr(room, "host_shown_as", None) or room.host.nickname,
        capacity=room.capacity,
        hosts_may_bet=room.hosts_may_bet,
        official_after_s=room.official_after_s,
        unattended_after_s=room.unattended_after_s,
        open_at_most_s=room.open_at_most_s,
        stream_delay_s=room.stream_delay_s,
        chat_mode=room.chat_mode,
        evening_public=room.evening_public,
        open_markets=room.open_markets,
        place=place,
        bets_need_presence=room.bets_need_presence,
        created_at_ms=int(room.created_at.timestamp() * 1000),
    )
