"""Operators see where people are in squares, and nothing that would tell a position."""

import math
import random
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, override_settings

from accounts.models import User
from locations import live, overview
from locations.fixes import grid
from locations.fixes.plausibility import LIVE_FOR_MS
from locations.live import functions
from locations.live.functions import SEEN
from locations.models import PositionView
from locations.overview import WORLD, Box
from locations.reports import record
from locations.tests.people import SPOT, engine, hall, measured, somebody
from web import times

pytestmark = pytest.mark.django_db
CITY = "37.4,126.8,37.8,127.2"
MAP = "/admin/map/"
NOWHERE = "unix:///nobody/listens.sock"


def stand(*points: tuple[float, float]) -> list[User]:
    """New people at these points."""
    people = [somebody(f"Passer-by {number}") for number, _point in enumerate(points)]
    for user, point in zip(people, points, strict=True):
        record(user.pk, [measured(times.now_ms(), *point)])
    return people


def test_it_counts_everybody_once_in_the_square_that_others_would_see():
    chance = random.Random(9)
    points = [(chance.gauss(SPOT[0], 0.05), chance.gauss(SPOT[1], 0.05)) for _ in range(60)]
    people = stand(*points, (-33.87, 151.21), (0.001, 179.999), (0.001, -179.999))
    areas = [state.area for state in live.many([user.pk for user in people])]
    for box in (WORLD, Box.read(CITY), Box.read("37.55,126.95,37.58,126.99")):
        told = overview.people(box)
        step = overview.step_of(box)
        counts: dict[tuple[float, float], int] = {}
        for area in areas:
            spot = grid.middle(area.lat_e7 / 1e7, area.lon_e7 / 1e7, step=step)
            counts[spot] = counts.get(spot, 0) + 1
        shown = {(cell.lat, cell.lon): cell.people for cell in told.cells}
        assert shown.items() <= counts.items()
        assert told.count == sum(shown.values()) and told.all_count == 63 and told.is_whole
        hidden = counts.keys() - shown.keys()
        assert not any(
            abs(lat - box.lat) < box.height / 2 and abs(lon - box.lon) < box.width / 2
            for lat, lon in hidden
        )
    assert overview.people(WORLD).count == 63


def test_it_finds_people_on_both_sides_of_the_date_line():
    stand((0.01, 179.99), (0.01, -179.99))
    for said in ("-1,179,1,181", "-1,-181,1,-179", "-1,539,1,541"):
        assert overview.people(Box.read(said)).count == 2
    assert overview.people(Box.read("-1,170,1,175")).count == 0


def test_it_tells_the_same_of_a_square_whatever_box_is_asked_for(operator):
    """Else one could bisect with the edges of the box."""
    [alice] = stand((37.5665, 126.978))
    whole = operator.get(f"{MAP}?box={CITY}").json()["cells"]
    [[south, west, north, east, count]] = whole
    assert count == 1 and north - south == pytest.approx(overview.step_of(Box.read(CITY)))
    for cut in range(1, 10):
        edge = south + (north - south) * cut / 10
        told = operator.get(f"{MAP}?box={edge},{west},{edge + 0.4},{west + 0.4}").json()
        assert told["cells"] == [pytest.approx(whole[0])]
    assert not PositionView.objects.exists()


def test_it_shows_a_square_until_it_is_looked_up_again(operator):
    [alice] = stand(SPOT)
    before = operator.get(f"{MAP}?box={CITY}").json()["cells"]
    area = live.many([alice.pk])[0].area
    if grid.period_of(alice.pk, times.now_ms() + 5_000) > area.period:
        pytest.skip("The five minutes end right now.")
    outcome = record(alice.pk, [measured(times.now_ms() + 1_000, SPOT[0] + 0.0003, SPOT[1])])
    assert [verdict.status for verdict in outcome.verdicts] == ["accepted"]
    assert operator.get(f"{MAP}?box={CITY}").json()["cells"] == before


def test_it_shows_nobody_who_went_silent(operator):
    [alice] = stand(SPOT)
    engine().zadd(SEEN, {alice.pk: times.now_ms() - LIVE_FOR_MS - 1})
    told = operator.get(f"{MAP}?box={CITY}").json()
    assert told["cells"] == [] and "0 in the whole house" in told["list"]


def test_it_has_no_exact_figure_and_no_name_on_the_page(operator):
    stand((37.5612345, 126.9812345))
    room = hall(place_lat=37.5, place_lon=127.1)
    type(room).objects.update(title="<b>Hall</b>")
    for page in (operator.get(MAP), operator.get(f"{MAP}?box={CITY}")):
        text = page.content.decode()
        assert "37.561" not in text and "126.981" not in text and "Passer-by" not in text
    listed = page.json()["list"]
    assert "&lt;b&gt;Hall" in listed and "100 m" in listed
    assert page.json()["rooms"] == [[37.5, 127.1, 100, "<b>Hall</b>"]]
    assert re.search(r"1 on this map, 1 in the whole house", listed)


def test_it_shows_rooms_of_the_box_only():
    room = hall(place_lat=0.5, place_lon=179.9)
    for said, is_in in (
        ("0,179,1,180", True),
        ("0,178,1,181", True),
        ("0,-181,1,-179", True),
        ("-90,-360,90,360", True),
        ("0,170,1,179", False),
        ("1,179,2,181", False),
    ):
        assert (overview.rooms(Box.read(said)) == [room]) == is_in, said
    room.status = "ended"
    room.save()
    assert overview.rooms(WORLD) == []


def test_it_turns_away_a_box_that_is_none(operator):
    for said in (
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "3,0,1,5",
        "0,5,1,2",
        "0,nan,1,2",
        "nan,0,1,2",
        "0,1,nan,2",
        "0,-inf,1,inf",
    ):
        assert operator.get(MAP, {"box": said}).status_code == 400, said


def test_it_says_when_there_are_more_than_are_counted(operator, monkeypatch):
    people = stand(*[SPOT] * 8)
    monkeypatch.setattr(functions, "NEAR_MAX", 5)
    found = overview.people(Box.read(CITY))
    assert (found.count, found.all_count, found.is_whole) == (5, len(people), False)
    assert "more than are counted" in operator.get(f"{MAP}?box={CITY}").json()["list"]


def test_it_has_few_squares_however_wide_the_map():
    for height in (0.001, 0.1, 3, 40, 180):
        step = overview.step_of(Box(0, 0, height, 2 * height))
        assert step >= grid.CELL_DEGREES and height / step <= overview.ROWS_MAX
        assert math.log2(step / grid.CELL_DEGREES).is_integer()


def test_it_says_that_live_is_away_and_still_shows_rooms(operator):
    hall()
    with override_settings(REDIS_LIVE_URL=NOWHERE):
        page = operator.get(MAP).content.decode()
        told = operator.get(f"{MAP}?box={CITY}").json()
    assert "The live instance does not answer" in page
    assert told["cells"] == [] and len(told["rooms"]) == 1


def test_only_staff_who_may_view_positions_see_it(operator):
    olaf = User.objects.create_superuser("Olaf", "olaf@example.org", None)
    User.objects.filter(pk=olaf.pk).update(is_superuser=False)
    browser = Client()
    browser.force_login(olaf)
    assert browser.get(MAP).status_code == browser.get(f"{MAP}?box={CITY}").status_code == 403
    assert Client().get(MAP).status_code == 302
    olaf.user_permissions.add(Permission.objects.get(codename="view_userlocation"))
    assert browser.get(MAP).status_code == 200
