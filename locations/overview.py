"""The operators' overview: people in each cell of a fixed grid, and rooms' circles.

People are counted by the cell that others would see of them (grid.py), never by a point: whatever
box is asked for, and however often, nobody's position can be told from the answers, so they need no
audit row.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from locations import live
from locations.fixes import grid
from locations.fixes.plausibility import SPEED_MAX_MPS
from rooms.models import Room
from rooms.places import EARTH_RADIUS_M, METRES_PER_DEGREE, distance_m

ROOMS_MAX = 100
# So many cells from south to north at most; wider maps have larger cells.
ROWS_MAX = 16
# A cell is minutes old: users who may have left the box meanwhile are asked for, too.
GONE_M = SPEED_MAX_MPS * grid.LOOK_EVERY_MS / 1000 + 2 * grid.CELL_M


@dataclass(frozen=True, slots=True)
class Cell:
    """People in one cell: its middle and its size, in degrees."""

    lat: float
    lon: float
    height: float
    width: float
    people: int


@dataclass(frozen=True, slots=True)
class Box:
    """The box of a map: its middle and its size, in degrees."""

    lat: float
    lon: float
    height: float
    width: float

    @classmethod
    def read(cls, said: str) -> "Box":
        """Read “south,west,north,east”; west of the date line is below -180. Raises ValueError."""
        south, west, north, east = map(float, said.split(","))
        # What is no number becomes one that is refused.
        south, north = max(south, -90.0), min(north, 90.0)
        if not (south <= north and west <= east and abs(west) <= 1e6 and abs(east) <= 1e6):
            raise ValueError(said)
        lon = ((west + east) / 2 + 180) % 360 - 180
        return cls((south + north) / 2, lon, north - south, min(360.0, east - west))

    def meets(self, cell: Cell) -> bool:
        """Whether a cell lies in it, at least in part."""
        up, aside = abs(cell.lat - self.lat), abs((cell.lon - self.lon + 180) % 360 - 180)
        return up <= (self.height + cell.height) / 2 and aside <= (self.width + cell.width) / 2

    def reach_m(self) -> float:
        """From the middle to the farthest point; to the antipode for half of the earth or more."""
        if self.width >= 180:
            return math.pi * EARTH_RADIUS_M
        return max(
            distance_m(self.lat, self.lon, self.lat + up, self.lon + self.width / 2)
            for up in (-self.height / 2, self.height / 2)
        )


WORLD = Box(0.0, 0.0, 180.0, 360.0)


@dataclass(frozen=True, slots=True)
class People:
    """The cells of a box, most people first, their side in metres, how many people are in them.

    `all_count` are the people everywhere; `is_whole` is False when there may be more in the box
    than were counted.
    """

    cells: Sequence[Cell]
    cell_m: int
    count: int
    all_count: int
    is_whole: bool


def people(box: Box) -> People:
    """Count the people in a box now; three bounded calls. Raises Refused: unavailable."""
    step = step_of(box)
    margin_m = GONE_M + 1.5 * step * METRES_PER_DEGREE
    found = live.near(box.lat, box.lon, box.reach_m() + margin_m)
    states = live.many(found.user_ids)
    counts = Counter(
        grid.middle(state.area.lat_e7 / 1e7, state.area.lon_e7 / 1e7, step=step)
        for state in states
        if state.area
    )
    everywhere = [
        Cell(lat, lon, step, grid.width(lat, step), count)
        for (lat, lon), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    cells = [cell for cell in everywhere if box.meets(cell)]
    return People(
        cells,
        cell_m=round(step * METRES_PER_DEGREE),
        count=sum(cell.people for cell in cells),
        all_count=live.count_present(),
        is_whole=found.is_whole,
    )


def step_of(box: Box) -> float:
    """The side of the cells of a box in degrees: doubled from 1.5 km until few enough rows fit."""
    doublings = math.ceil(math.log2(max(1.0, box.height / ROWS_MAX / grid.CELL_DEGREES)))
    return float(grid.CELL_DEGREES * 2**doublings)


def rooms(box: Box) -> list[Room]:
    """Live rooms with a place whose middle is in a box, newest first; 100 at most."""
    found = Room.objects.filter(
        _longitudes(box),
        status=Room.Status.LIVE,
        place_radius_m__isnull=False,
        place_lat__range=(box.lat - box.height / 2, box.lat + box.height / 2),
    )
    return list(found.order_by("-pk")[:ROOMS_MAX])


def _longitudes(box: Box) -> Q:
    west, east = box.lon - box.width / 2, box.lon + box.width / 2
    if box.width >= 360:
        return Q()
    if west < -180:
        return Q(place_lon__gte=west + 360) | Q(place_lon__lte=east)
    if east > 180:
        return Q(place_lon__gte=west) | Q(place_lon__lte=east - 360)
    return Q(place_lon__range=(west, east))
