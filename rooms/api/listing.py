"""The list of public rooms, and how far away they are."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from rooms.codes import read_code
from rooms.facts import RoomFacts, facts_of, with_facts
from rooms.models import Room
from rooms.places import GRID_M, band, box, distance_m, snapped

PAGE_ROOMS = 50
# So many rooms are measured for one page; the others are on the next one.
MEASURED_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search for rooms. Position in degrees; a radius needs a position."""

    words: str = ""
    club: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One room of the list; the band is None where either has no place."""

    facts: RoomFacts
    band: str | None


def public_rooms(search: Search) -> tuple[list[Found], int | None]:
    """A page of public live rooms, newest first, and the id to go on before, if there is more.

    Places are snapped to a grid before anything is measured to them.
    """
    found: list[Found] = []
    rooms = list(_candidates(search)[: MEASURED_MAX + 1])
    for number, room in enumerate(rooms):
        if len(found) == PAGE_ROOMS or number == MEASURED_MAX:
            return found, rooms[number - 1].pk
        measured = _measured(facts_of(room), search)
        if measured:
            found.append(measured)
    return found, None


def _candidates(search: Search) -> QuerySet[Room]:
    rooms = with_facts().order_by("-pk")
    rooms = rooms.filter(status=Room.Status.LIVE, visibility=Room.Visibility.PUBLIC)
    if search.before_id is not None:
        rooms = rooms.filter(pk__lt=search.before_id)
    if search.club:
        rooms = rooms.filter(club__slug=search.club)
    if search.words:
        in_title = Q(title_folded__folded=search.words)
        rooms = rooms.filter(in_title | Q(code=read_code(search.words) or ""))
    if search.radius_m is not None and search.lat is not None and search.lon is not None:
        # Wider by a cell, so that the distance to the snapped place alone decides.
        south, north, west, east = box(search.lat, search.lon, search.radius_m + GRID_M)
        rooms = rooms.filter(place_lat__range=(south, north), place_lon__range=(west, east))
    return rooms


def _measured(facts: RoomFacts, search: Search) -> Found | None:
    if search.lat is None or search.lon is None:
        return Found(facts, None)
    if facts.place is None:
        return None if search.radius_m is not None else Found(facts, None)
    there = snapped(facts.place.lat, facts.place.lon)
    away_m = distance_m(search.lat, search.lon, *there)
    if search.radius_m is not None and away_m > search.radius_m:
        return None
    return Found(facts, band(away_m, facts.place.radius_m))
