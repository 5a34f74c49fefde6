"""The circle a room may be tied to: distances and coarse bands. Pure arithmetic."""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
# From south to north; from west to east less, by the cosine of the latitude.
METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)
# To strangers a place is the middle of its cell of this grid, before any distance is taken. So the
# answers to all questions together tell no more than the cell, and asking again and again does not
# lead to somebody's home.
GRID_DEG = 0.001
GRID_M = 111.2
# From the middle of a cell to its corner.
CELL_ERROR_M = 79
# Nearer to a pole than this cells become narrow.
GRID_LAT_MAX = 85.0
BANDS = ((200, "under_200_m"), (1_000, "under_1_km"), (5_000, "under_5_km"))
INSIDE, FAR = "inside", "far"


@dataclass(frozen=True, slots=True)
class Place:
    """A circle on the earth: centre in degrees, radius in metres."""

    lat: float
    lon: float
    radius_m: int


def distance_m(a_lat: float, a_lon: float, b_lat: float, b_lon: float) -> float:
    """Metres between two points along the earth, by the haversine formula."""
    phi_a, phi_b = math.radians(a_lat), math.radians(b_lat)
    half_lat = math.sin((phi_b - phi_a) / 2)
    half_lon = math.sin(math.radians(b_lon - a_lon) / 2)
    square = half_lat**2 + math.cos(phi_a) * math.cos(phi_b) * half_lon**2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, square)))


def snapped(lat: float, lon: float) -> tuple[float, float]:
    """The grid point nearest to a position, in degrees; cells are 111 m high and wide."""
    lat = round(lat / GRID_DEG) * GRID_DEG
    wide_deg = GRID_DEG / math.cos(math.radians(min(GRID_LAT_MAX, abs(lat))))
    return lat, round(lon / wide_deg) * wide_deg


def band(away_m: float, radius_m: int) -> str:
    """How far a snapped place is in words: inside, under_200_m, under_1_km, under_5_km or far.

    A position that may be inside, as far as the cell tells, is.
    """
    if away_m <= radius_m + CELL_ERROR_M:
        return INSIDE
    return next((word for most_m, word in BANDS if away_m < most_m), FAR)


def box(lat: float, lon: float, radius_m: float) -> tuple[float, float, float, float]:
    """A box of degrees that holds the circle: least and most lat, least and most lon.

    Near a pole or across the date line it covers every longitude; it is only a first sieve.
    """
    d_lat = math.degrees(radius_m / EARTH_RADIUS_M)
    widest = math.cos(math.radians(min(89.9, abs(lat) + d_lat)))
    d_lon = d_lat / widest
    if lon - d_lon < -180 or lon + d_lon > 180:
        return lat - d_lat, lat + d_lat, -180.0, 180.0
    return lat - d_lat, lat + d_lat, lon - d_lon, lon + d_lon
