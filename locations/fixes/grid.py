"""The cell that others see of a user who shares an area: fixed, never a point or a distance.

The grid has an offset of its own for each user, which nobody outside can compute. It stays: were
it another one each month, the cells of a home would overlap in a smaller piece every month. A
position always falls into the same cell, so asking again teaches nothing; who lives at a border is
not told in two cells by the noise of a phone; and the cell is computed anew only every five
minutes, so that nobody sees the moment when it changes.
"""

import math

import msgspec
from django.utils.crypto import salted_hmac

from locations.fixes.fix import Fix
from locations.fixes.plausibility import Area, State

# 1.5 km from south to north; from west to east at least as much.
CELL_DEGREES = 0.0135
CELL_M = 1_500
LOOK_EVERY_MS = 5 * 60_000
AHEAD_PERIODS = 12
# At a border the cell stays that was told, up to so much of a cell beyond it.
NOISE_SHARE = 0.1
# Nearer to a pole than this everybody shares the same column.
LATITUDE_MAX = 85.0


def follow(state: State, user_id: int) -> State:
    """Renew the cell that others see, when five minutes are over."""
    if state.last is None:
        return state
    period = period_of(user_id, state.last.fix_ms)
    told = state.area
    # One from a time ahead was looked up by a clock that was wrong.
    if told is not None and 0 <= told.period - period <= AHEAD_PERIODS:
        return state
    if told is None or not _is_near(told, state.last):
        told = area(user_id, state.last, period)
    return msgspec.structs.replace(state, area=msgspec.structs.replace(told, period=period))


def _is_near(told: Area, fix: Fix) -> bool:
    """Whether a fix lies in a cell, or so little beyond that noise may have put it there."""
    wide = width(told.lat_e7 / 1e7)
    up = abs(fix.lat - told.lat_e7 / 1e7) / CELL_DEGREES
    aside = abs((fix.lon - told.lon_e7 / 1e7 + 180) % 360 - 180) / wide
    return max(up, aside) <= 0.5 + NOISE_SHARE


def period_of(user_id: int, at_ms: int) -> int:
    """Five-minute periods; they change at another moment for each user."""
    return (at_ms + _number(user_id, "phase") % LOOK_EVERY_MS) // LOOK_EVERY_MS


def area(user_id: int, fix: Fix, period: int) -> Area:
    """The middle of the cell of a fix, in the user's grid."""
    shares = (_share(user_id, "lat"), _share(user_id, "lon"))
    lat, lon = middle(fix.lat, fix.lon, shares=shares)
    return Area(lat_e7=round(lat * 1e7), lon_e7=round(lon * 1e7), period=period)


def middle(
    lat: float, lon: float, *, step: float = CELL_DEGREES, shares: tuple[float, float] = (0, 0)
) -> tuple[float, float]:
    """The middle of a point's cell in the grid of a step, moved by shares of a cell."""
    lat = _middle(lat, step, shares[0])
    lat = max(-LATITUDE_MAX, min(LATITUDE_MAX, lat))
    lon = _middle(lon, width(lat, step), shares[1])
    return lat, (lon + 180) % 360 - 180


def width(lat: float, step: float = CELL_DEGREES) -> float:
    """How many degrees from west to east a cell has whose middle is at this latitude."""
    return min(360.0, step / math.cos(math.radians(lat)))


def _middle(degrees: float, step: float, share: float) -> float:
    return (math.floor(degrees / step + share) + 0.5 - share) * step


def _share(user_id: int, what: str) -> float:
    return _number(user_id, what) / 2**64


def _number(user_id: int, what: str) -> int:
    mac = salted_hmac("locations.fixes.grid", f"{user_id} {what}", algorithm="sha256").digest()
    return int.from_bytes(mac[:8], "big")
