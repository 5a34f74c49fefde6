"""A user's standing towards the circle of a room. Pure.

For the page: in at the first fix inside, out only after two fixes that are beyond the edge for
sure. For a bet: the whole circle of error must lie inside.
"""

from collections.abc import Mapping

import msgspec

from locations.fixes.fix import Fix, Flag
from locations.fixes.plausibility import Standing, State, is_live, steady_lag_ms
from rooms.inside import LAG_MAX_MS, Mark, Where
from rooms.places import METRES_PER_DEGREE, Place, distance_m

EDGE_SHARE = 0.1
EDGE_M_MIN = 20.0
OUT_AFTER = 2
# A bet wants a fix better than this, and than half the radius.
BET_ACCURACY_MAX_M = 50.0
# Distances are kept with bets; finer than this they would tell a seat in the hall.
AWAY_STEP_M = 10
OUTSIDE = Standing()


def step(before: Standing, place: Place, fix: Fix) -> Standing:
    """Take one more believed fix into account."""
    away_m = distance_m(place.lat, place.lon, fix.lat, fix.lon)
    if away_m <= place.radius_m:
        return Standing(is_inside=True)
    if not before.is_inside:
        return OUTSIDE
    if away_m - (fix.accuracy_m or 0) <= place.radius_m + margin_m(place):
        return Standing(is_inside=True)
    out = before.out + 1
    return Standing(is_inside=out < OUT_AFTER, out=out)


def stand(state: State, circles: Mapping[int, Place]) -> State:
    """Bring the standing towards the circles of the user up to the newest believed fix.

    Kept are those that the user is inside of, or left a fix ago.
    """
    if not circles or state.last is None:
        return state
    standings = {
        room_id: standing
        for room_id in near(state, circles)
        if (standing := step(state.circles.get(room_id, OUTSIDE), circles[room_id], state.last))
        != OUTSIDE
    }
    return msgspec.structs.replace(state, circles=standings)


def near(state: State, circles: Mapping[int, Place]) -> set[int]:
    """The circles that the newest believed fix may lie in, by a coarse test, or may end."""
    last = state.last
    if last is None:
        return set()
    at_height = {
        room_id
        for room_id, place in circles.items()
        if abs(place.lat - last.lat) * METRES_PER_DEGREE <= place.radius_m
    }
    return at_height | (state.circles.keys() & circles.keys())


def margin_m(place: Place) -> float:
    """How far beyond the edge a position must be to be out."""
    return max(EDGE_SHARE * place.radius_m, EDGE_M_MIN)


def found(state: State, room_id: int, place: Place) -> Mark | None:
    """The mark of a user and a room; None without a fix.

    Of a fix that was not live when it came only a wrong clock is noted.
    """
    last = state.last
    if last is None or not (is_live(last) or is_clock_wrong(state)):
        return None
    standing = state.circles.get(room_id) or step(OUTSIDE, place, last)
    return mark(standing, place, last, state)


def mark(standing: Standing, place: Place, fix: Fix, state: State) -> Mark:
    """The mark of a fix for a room."""
    away_m = distance_m(place.lat, place.lon, fix.lat, fix.lon)
    why = against(place, fix, away_m, is_clock_wrong=is_clock_wrong(state))
    return Mark(
        where=_where(standing, place, fix, away_m) if is_live(fix) else "unknown",
        is_sure=not why,
        why=why,
        accuracy_m=fix.accuracy_m,
        away_m=round(away_m / AWAY_STEP_M) * AWAY_STEP_M,
        fix_ms=fix.fix_ms,
        received_ms=fix.received_ms,
    )


def _where(standing: Standing, place: Place, fix: Fix, away_m: float) -> Where:
    error_m = fix.accuracy_m or 0.0
    if standing.is_inside:
        return "inside" if away_m + error_m <= place.radius_m else "edge"
    return "outside"


def is_clock_wrong(state: State) -> bool:
    """Whether all fixes of a user come too late for a bet, by the same time."""
    return steady_lag_ms(state) > LAG_MAX_MS


def against(place: Place, fix: Fix, away_m: float, *, is_clock_wrong: bool) -> str:
    """The first reason of a fix that forbids a bet, or empty."""
    if fix.flags & Flag.MOCK:
        return "mock"
    if fix.flags & (Flag.JUMP | Flag.HELD):
        return "jump"
    if is_clock_wrong:
        return "clock"
    if fix.accuracy_m is None or fix.flags & Flag.ESTIMATED:
        return "accuracy_unknown"
    if fix.accuracy_m > min(BET_ACCURACY_MAX_M, place.radius_m / 2):
        return "inaccurate"
    if away_m > place.radius_m:
        return "outside"
    return "" if away_m + fix.accuracy_m <= place.radius_m else "edge"
