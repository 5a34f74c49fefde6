"""People near a spot: as a recomputation finds them, nobody who went silent, always bounded."""

import random

import pytest

from locations import clock_steps, live
from locations.fixes.plausibility import LIVE_FOR_MS
from locations.live.functions import EDGE_LATITUDE, GEO, LATITUDE_MAX, NEAR_MAX, SEEN
from locations.reports import record
from locations.tests.people import SPOT, engine, measured, somebody
from rooms.places import METRES_PER_DEGREE, distance_m
from web import times

# The engine keeps a point to about half a metre.
ROUNDED_M = 2
EARTH_M = 20_016_000
ROUND_POLE_M = 1_000_000


def put(points: list[tuple[float, float]], seen_ms: int | None = None) -> None:
    """Users 1, 2, 3, … at these points, seen now."""
    line = engine().pipeline()
    for user_id, (lat, lon) in enumerate(points, 1):
        line.geoadd(GEO, (lon, lat, user_id))
        line.zadd(SEEN, {user_id: seen_ms or times.now_ms()})
    line.execute()


def crowd(chance: random.Random) -> list[tuple[float, float]]:
    """A city, the whole earth, both edges of the map and both sides of the date line."""
    city = [(chance.gauss(SPOT[0], 0.05), chance.gauss(SPOT[1], 0.05)) for _ in range(200)]
    earth = [(chance.uniform(-85, 85), chance.uniform(-180, 180)) for _ in range(200)]
    edges = [
        (side * chance.uniform(84.9, LATITUDE_MAX), chance.uniform(-180, 180))
        for side in (-1, 1)
        for _ in range(100)
    ]
    line = [(chance.uniform(-1, 1), side * chance.uniform(179, 180)) for side in (-1, 1) * 100]
    return city + earth + edges + line


def test_it_finds_whom_a_plain_recomputation_finds():
    chance = random.Random(4)
    points = crowd(chance)
    put(points)
    centres = [
        SPOT, (0, 180), (0.5, -179.9), (-0.5, 179.5), (85, 10), (LATITUDE_MAX, 0), (88, 30),
        (90, 0), (-90, 77), (-84.95, -179.99), *((c[0], c[1]) for c in points[::400]),
    ]  # fmt: skip
    for lat, lon in centres:
        edge = max(-EDGE_LATITUDE, min(EDGE_LATITUDE, lat))
        for radius_m in (5_000, 60_000, 600_000, 15_000_000, EARTH_M):
            if radius_m < ROUND_POLE_M and abs(edge) + radius_m / METRES_PER_DEGREE > 90:
                continue
            found = live.near(lat, lon, radius_m)
            assert found.is_whole
            away_m = {
                user_id: distance_m(edge, lon, *point) for user_id, point in enumerate(points, 1)
            }
            users = set(found.user_ids)
            assert len(users) == len(found.user_ids)
            surely = {user_id for user_id, m in away_m.items() if m <= radius_m - ROUNDED_M}
            maybe = {user_id for user_id, m in away_m.items() if m <= radius_m + ROUNDED_M}
            assert surely <= users <= maybe, (lat, lon, radius_m, surely - users, users - maybe)


@pytest.mark.django_db
def test_it_finds_who_reported_and_nobody_who_went_silent():
    alice, bea = somebody(), somebody("Bea")
    for user in (alice, bea):
        record(user.pk, [measured(times.now_ms(), accuracy_m=8)])
    assert set(live.near(*SPOT, 100).user_ids) == {alice.pk, bea.pk}
    assert live.count_present() == 2
    engine().zadd(SEEN, {bea.pk: times.now_ms() - LIVE_FOR_MS - 1})
    assert (live.near(*SPOT, 100).user_ids, live.count_present()) == ([alice.pk], 1)
    engine().zrem(SEEN, alice.pk)
    assert live.near(*SPOT, 100).user_ids == []
    assert live.near(0, 0, 100).user_ids == []


def test_it_looks_at_a_bounded_number_and_says_so():
    put([SPOT] * (3 * NEAR_MAX + 500))
    some = live.near(*SPOT, 100, most=10)
    assert (len(some.user_ids), some.is_whole) == (10, False)
    most = live.near(*SPOT, 100, most=100_000)
    assert (len(most.user_ids), most.is_whole) == (NEAR_MAX, False)
    engine().delete(GEO, SEEN)
    put([SPOT] * 10)
    assert live.near(*SPOT, 100, most=10).is_whole


def test_it_passes_over_those_who_wait_for_the_reaper():
    put([SPOT] * 19, times.now_ms() - LIVE_FOR_MS - 1)
    fresh = {str(user_id): times.now_ms() for user_id in range(10, 20)}
    engine().zadd(SEEN, fresh)
    found = live.near(*SPOT, 100, most=10)
    assert set(found.user_ids) == set(range(10, 20))
    assert clock_steps.reap() == 9
    assert live.near(*SPOT, 100, most=10) == found
