"""Nothing is shown until somebody says so, then a cell or a point, and for a while."""

import math
import random
import statistics

import pytest

from locations import live, screen_code
from locations.fixes import grid
from locations.fixes.fix import Fix
from locations.fixes.plausibility import State
from locations.live import functions
from locations.live.functions import state_key
from locations.models import Sharing
from locations.reports import record
from locations.tests.people import (
    METRE,
    SPOT,
    browser,
    engine,
    hall,
    inmates,
    measured,
    put,
    somebody,
)
from rooms import access
from rooms.opening import end_room
from rooms.people import moderation
from rooms.places import distance_m
from web import times
from web.live.live_redis import ask
from web.times import DAY_MS


@pytest.fixture
def room(db):
    return hall()


def seen_by(client) -> dict:
    answer = client.get("/api/rooms/haqq22/map/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_shows_nobody_until_they_say_so(room):
    alice, bob = inmates(room, "Alice", "Bob")
    record(alice.pk, [measured(times.now_ms())])
    told = seen_by(browser(bob))
    assert (told["people"], told["cells"], told["points"]) == ([], [], [])
    circle = {"lat": SPOT[0], "lon": SPOT[1], "radius_m": 100}
    assert told["place"] == {**circle, "bets_need_presence": room.bets_need_presence}
    assert told["counts"]["sharing"] == 0


def test_it_shows_each_level_and_no_more(room):
    people = inmates(room, "Alice", "Bob", "Carol", "Dora")
    for user, level in zip(people, ("presence", "area", "exact"), strict=False):
        record(user.pk, [measured(times.now_ms(), accuracy_m=8)])
        answer = put(browser(user), room="HAQQ22", level=level)
        (shown,) = answer.json()["sharing"]
        assert (shown["room"], shown["level"]) == ("HAQQ22", level)
        assert 0 < shown["until_ms"] - times.now_ms() <= 120 * 60_000
    told = seen_by(browser(people[3]))
    assert {p["nickname"]: p["level"] for p in told["people"]} == {
        "Alice": "presence",
        "Bob": "area",
        "Carol": "exact",
    }
    (point,) = told["points"]
    assert (point["user"], point["lat"], point["lon"]) == (people[2].pk, *SPOT)
    (cell,) = told["cells"]
    assert cell["user"] == people[1].pk and cell["size_m"] >= 1_000
    away_m = distance_m(cell["lat"], cell["lon"], *SPOT)
    assert away_m < grid.CELL_M
    assert set(cell) == {"user", "lat", "lon", "size_m"}


def test_it_stops_at_the_end_at_once_and_everywhere(room):
    alice, bob = inmates(room, "Alice", "Bob")
    record(alice.pk, [measured(times.now_ms())])
    put(browser(alice), room="HAQQ22", level="exact", minutes=480)
    assert seen_by(browser(bob))["points"]
    assert put(browser(alice), room="HAQQ22", level="off").json() == {"sharing": []}
    assert not seen_by(browser(bob))["points"]
    put(browser(alice), room="HAQQ22", level="exact")
    assert put(browser(alice), level="off").json() == {"sharing": []}
    assert engine().zcard(functions.GEO) == 0
    put(browser(alice), room="HAQQ22", level="exact", minutes=1)
    Sharing.objects.update(until_ms=times.now_ms() - 1)
    assert not seen_by(browser(bob))["points"]
    put(browser(alice), room="HAQQ22", level="exact")
    access.leave(alice, room)
    assert not seen_by(browser(bob))["points"]


def test_it_shows_nobody_to_a_room_that_ended(room):
    alice, bob = inmates(room, "Alice", "Bob")
    record(alice.pk, [measured(times.now_ms())])
    put(browser(alice), room="HAQQ22", level="exact")
    assert seen_by(browser(bob))["points"]
    end_room(room)
    told = seen_by(browser(bob))
    assert (told["people"], told["points"], told["counts"]["sharing"]) == ([], [], 0)
    assert browser(alice).get("/api/locations/me/").json()["sharing"] == []
    refused = put(browser(alice), room="HAQQ22", level="exact")
    assert refused.json()["error"]["code"] == "room_ended"
    assert put(browser(alice), room="HAQQ22", level="off").json() == {"sharing": []}


def test_it_shows_nobody_for_longer_than_may_be_asked_for(room, monkeypatch):
    alice, bob = inmates(room, "Alice", "Bob")
    with monkeypatch.context() as wrong:
        wrong.setattr("locations.sharing.now_ms", lambda: times.now_ms() + 200 * DAY_MS)
        put(browser(alice), room="HAQQ22", level="exact", minutes=480)
    record(alice.pk, [measured(times.now_ms())])
    assert not seen_by(browser(bob))["people"]
    assert put(browser(alice), room="HAQQ22", level="exact").json()["sharing"]
    assert seen_by(browser(bob))["people"]


def leave(room, user):
    access.leave(user, room)


def remove(room, user):
    moderation.send_away(room.host, access.membership(room, user))


def ban(room, user):
    standing = access.membership(room, user)
    moderation.send_away(room.host, standing, until_ms=None)
    moderation.unban(room.host, standing)


@pytest.mark.parametrize("part", [leave, remove, ban])
def test_it_shows_nothing_of_those_who_come_back_until_they_say_so_again(room, part):
    alice, bob = inmates(room, "Alice", "Bob")
    for user in (alice, bob):
        record(user.pk, [measured(times.now_ms())])
        put(browser(user), room="HAQQ22", level="exact")
    part(room, alice)
    assert browser(alice).get("/api/locations/me/").json()["sharing"] == []
    access.enter(alice, room)
    assert [person["user"] for person in seen_by(browser(bob))["people"]] == [bob.pk]


@pytest.mark.parametrize(
    "body",
    [{"level": "all"}, {"room": ""}, {"minutes": 0}, {"minutes": 481}, {"minutes": "5"}, {"x": 1}],
)
def test_it_refuses_sharing_that_makes_no_sense(room, body):
    (alice,) = inmates(room, "Alice")
    answer = put(browser(alice), **{"room": "HAQQ22", "level": "area", **body})
    assert answer.json()["error"]["code"] == "malformed"


def test_it_shows_the_map_to_members_only(room):
    stranger = browser(somebody())
    assert stranger.get("/api/rooms/HAQQ22/map/").json()["error"]["code"] == "not_member"
    assert stranger.get("/api/rooms/NOROOM/map/").status_code == 404
    assert put(stranger, room="HAQQ22", level="area").json()["error"]["code"] == "not_member"


def test_it_answers_only_so_many_questions_about_others(room, refills_slowly):
    refills_slowly("maps")
    client = browser(inmates(room, "Bob")[0])
    codes = [client.get("/api/rooms/HAQQ22/map/").status_code for _ in range(22)]
    assert codes[:20] == [200] * 20 and codes[-1] == 429


# --- The grid


def fix(lat: float, lon: float, at_ms: int = 1_790_000_000_000) -> Fix:
    return Fix(at_ms, at_ms, round(lat * 1e7), round(lon * 1e7))


def shown(user_id: int, lat: float, lon: float, at_ms: int = 1_790_000_000_000):
    area = grid.area(user_id, fix(lat, lon, at_ms), 0)
    return area.lat_e7 / 1e7, area.lon_e7 / 1e7


def test_it_gives_no_better_answer_to_ten_thousand_questions(settings):
    """Asked as often as one likes, from wherever: the middle of the cell is all there is."""
    # One in seventy is within 100 m by chance; which ones depends on the key.
    settings.SECRET_KEY = "a grid that is the same in every run of the tests"
    chance = random.Random(3)
    errors_m = []
    for user_id in range(1, 2_001):
        lat, lon = SPOT[0] + chance.uniform(-0.2, 0.2), SPOT[1] + chance.uniform(-0.2, 0.2)
        answers = {shown(user_id, lat, lon, 1_790_000_000_000 + n * 60_000) for n in range(5)}
        assert len(answers) == 1
        errors_m.append(distance_m(*answers.pop(), lat, lon))
    assert statistics.median(errors_m) >= 0.35 * grid.CELL_M
    assert sum(error < 100 for error in errors_m) / len(errors_m) <= 0.02


def test_it_finds_the_house_when_distances_are_only_rounded():
    """An attacker finds it by a list that tells rounded distances: within ten metres."""
    lat, lon = SPOT[0] + 0.00312, SPOT[1] - 0.00271
    chance = random.Random(5)
    seen = []
    for _ in range(400):
        a, b = SPOT[0] + chance.uniform(-0.01, 0.01), SPOT[1] + chance.uniform(-0.01, 0.01)
        seen.append((a, b, round(distance_m(a, b, lat, lon) / 100) * 100))
    best = (SPOT[0], SPOT[1])
    step = 0.01
    while step > 1e-6:
        around = [(best[0] + i * step, best[1] + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        better = min(around, key=lambda p: sum((distance_m(*p, a, b) - d) ** 2 for a, b, d in seen))
        step = step if better != best else step / 2
        best = better
    assert distance_m(*best, lat, lon) < 10


@pytest.mark.once
def test_it_tells_no_smaller_piece_of_a_home_after_two_years_of_daily_questions():
    """All cells that were told of a home, laid over each other."""
    chance = random.Random(11)
    for user_id in range(1, 301):
        lat, lon = SPOT[0] + chance.uniform(-0.2, 0.2), SPOT[1] + chance.uniform(-0.2, 0.2)
        days = range(1_790_000_000_000, 1_790_000_000_000 + 730 * DAY_MS, DAY_MS)
        told = [shown(user_id, lat, lon, at_ms) for at_ms in days]
        for axis, step in ((0, grid.CELL_DEGREES), (1, grid.width(told[0][0]))):
            middles = [cell[axis] for cell in told]
            assert step - (max(middles) - min(middles)) >= 0.9 * step


@pytest.mark.once
def test_it_tells_no_border_of_a_home_by_the_noise_of_a_phone():
    """One in twenty lives within twenty metres of a border: two cells would tell that line."""
    chance = random.Random(12)
    for user_id in range(1, 301):
        lat, lon = SPOT[0] + chance.uniform(-0.2, 0.2), SPOT[1] + chance.uniform(-0.2, 0.2)
        area, told = None, set()
        for day in range(730):
            noisy = (lat + chance.gauss(0, 20) * METRE, lon + chance.gauss(0, 20) * METRE)
            last = fix(*noisy, 1_790_000_000_000 + day * DAY_MS)
            area = grid.follow(State(last=last, area=area), user_id).area
            told.add((area.lat_e7, area.lon_e7))
        assert len(told) == 1


def test_it_remembers_the_cell_of_a_home_from_day_to_day(room, monkeypatch):
    monkeypatch.setattr(grid, "LOOK_EVERY_MS", 1_000)
    alice, bob = inmates(room, "Alice", "Bob")
    put(browser(alice), room="HAQQ22", level="area")
    now_ms = times.now_ms()
    record(alice.pk, [measured(now_ms - 40_000)])
    (before,) = seen_by(browser(bob))["cells"]
    edge = before["lat"] + grid.CELL_DEGREES / 2
    for later_ms, beyond_m, is_same in ((20_000, 50, True), (40_000, 400, False)):
        # An hour without a report takes the rest of what is known.
        live.states.clear()
        ask([("DEL", state_key(alice.pk))])
        at_ms = now_ms - 40_000 + later_ms
        record(alice.pk, [measured(at_ms, edge + beyond_m * METRE, before["lon"])])
        assert (seen_by(browser(bob))["cells"] == [before]) is is_same


def test_it_lays_another_grid_for_each_user():
    assert len({shown(user_id, *SPOT) for user_id in range(1, 30)}) == 29


def test_it_keeps_cells_large_at_every_latitude_and_across_the_date_line():
    for lat in (-89.9, -60, 0, 45, 80, 89.9):
        for lon in (-180, -179.999, 0, 179.999, 180):
            a, b = shown(1, lat, lon)
            assert -90 <= a <= 90 and -180 <= b <= 180
            if abs(lat) < 85:
                assert distance_m(a, b, lat, lon) <= grid.CELL_M * math.sqrt(2)


def test_it_hides_the_moment_when_somebody_crosses_a_border():
    state, told = State(), []
    for second in range(0, 1_800, 10):
        at_ms = 1_790_000_000_000 + second * 1_000
        state = grid.follow(
            State(last=fix(SPOT[0] + second * 10 * METRE, SPOT[1], at_ms), area=state.area), 9
        )
        told.append(state.area)
    changes = [n for n, (a, b) in enumerate(zip(told, told[1:], strict=False)) if a != b]
    assert all(b - a >= 30 for a, b in zip(changes, changes[1:], strict=False))
    assert 5 <= len(changes) <= 7


# --- The code on the screen


def test_it_takes_the_code_of_the_screen_as_proof(room, monkeypatch):
    (alice,) = inmates(room, "Alice")
    host, guest = browser(room.host), browser(alice)
    told = host.get("/api/rooms/HAQQ22/screen-code/").json()
    assert len(told["code"]) == 6 and 0 < told["changes_in_ms"] <= 10_000
    assert guest.get("/api/rooms/HAQQ22/screen-code/").status_code == 403
    wrong = f"{(int(told['code']) + 1) % 10**6:06d}"
    answer = guest.post("/api/rooms/HAQQ22/presence/", {"code": wrong}, format="json")
    assert answer.json()["error"]["code"] == "not_inside"
    assert guest.get("/api/rooms/HAQQ22/presence/").json()["may_bet"] is False
    answer = guest.post("/api/rooms/HAQQ22/presence/", {"code": told["code"]}, format="json")
    assert answer.json() == {"may_bet": True, "why": "", "where": "unknown", "proof": "code"}


def test_it_changes_the_code_every_ten_seconds():
    at_ms = 1_790_000_000_000
    codes = {screen_code.code(1, at_ms + n * 10_000) for n in range(100)}
    assert len(codes) >= 99
    assert screen_code.is_right(1, screen_code.code(1, at_ms), at_ms + 19_999)
    assert not screen_code.is_right(1, screen_code.code(1, at_ms), at_ms + 20_000)
    assert not screen_code.is_right(2, screen_code.code(1, at_ms), at_ms)
