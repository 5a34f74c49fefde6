"""Operators see ages and counts; who looks at a position is noted."""

import re

import pytest

from accounts.models import User
from locations import clock_steps
from locations.fixes.fix import UNKNOWN_ALTITUDE, UNKNOWN_BATTERY, UNKNOWN_U16
from locations.models import BetDecision, PositionView, UserLocation
from locations.reports import record
from locations.tests.people import measured, somebody
from web import times

pytestmark = pytest.mark.django_db
POSITIONS = "/admin/locations/userlocation/"


@pytest.fixture
def alice() -> User:
    """Somebody whose position is in SQL."""
    user = somebody()
    record(user.pk, [measured(times.now_ms())])
    clock_steps.flush()
    return user


def test_it_lists_positions_by_age_without_coordinates(operator):
    alice = somebody()
    record(alice.pk, [measured(times.now_ms() - 5_000), measured(times.now_ms(), 91)])
    clock_steps.flush()
    page = operator.get(POSITIONS).content.decode()
    assert "Alice" in page and "refused.range" in page
    assert "37.56" not in page and "375665" not in page
    assert not PositionView.objects.exists()


def test_it_notes_who_looked_at_a_position(operator, alice):
    page = operator.get(f"{POSITIONS}{alice.pk}/change/").content.decode()
    assert "37.566500°" in page and 'data-lat="37.5665"' in page
    look = PositionView.objects.get()
    assert (look.user_id, look.by.nickname, look.why) == (alice.pk, "Op", "position")


def test_it_notes_every_look_however_the_address_is_spelled(operator, alice):
    spelled = (
        "%20{}",
        "{}%20",
        "%2B{}",
        "0{}",
        "{}/change/?_popup=1&x=",
        "{}/change/?_to_field=user&x=",
    )
    for looks, address in enumerate(spelled, 1):
        page = operator.get(f"{POSITIONS}{address.format(alice.pk)}/change/")
        assert "37.566500°" in page.content.decode()
        assert PositionView.objects.filter(user_id=alice.pk).count() == looks


def test_it_notes_no_look_at_nothing(operator, alice):
    for address in (f"{alice.pk + 1}/change/", f"{alice.pk}/history/", f"{alice.pk}/delete/"):
        page = operator.get(f"{POSITIONS}{address}")
        assert "37.5665" not in page.content.decode()
    assert not PositionView.objects.exists()


def test_it_answers_no_question_about_where_somebody_is(operator, alice):
    for asked in (
        "lat_e7__gte=375665000",
        "user__id__exact={}&lat_e7__gte=375665000",
        "user={}&lon_e7__lt=1269780001",
        "speed_cms=65535",
        "fix_ms__gte=1",
        "pk__in={}&lat_e7=375665000",
        "_popup=1&_to_field=lat_e7",
    ):
        page = operator.get(f"{POSITIONS}?{asked.format(alice.pk)}")
        assert page.status_code == 400 and "Alice" not in page.content.decode()


def test_it_orders_by_nothing_that_it_does_not_show(operator, alice):
    columns = ".".join(map(str, range(20)))
    rows = operator.get(f"{POSITIONS}?o={columns}").context["cl"].queryset
    assert rows.query.order_by == ("user", "fix_ms", "fixes", "-pk")


def test_it_finds_people_by_name_and_number(operator, alice):
    for asked in ("q=Ali", f"q={alice.pk}", f"user__id__exact={alice.pk}", f"user={alice.pk}"):
        assert "Alice" in operator.get(f"{POSITIONS}?{asked}").content.decode()
    assert "Alice" not in operator.get(f"{POSITIONS}?q=375665").content.decode()


def test_it_writes_figures_that_people_can_read(operator, alice):
    UserLocation.objects.update(speed_cms=1_234, course_cd=27_000, altitude_m=-4, battery_pct=80)
    page = operator.get(f"{POSITIONS}{alice.pk}/change/").content.decode()
    for figure in ("126.978000°", "44.4 km/h · 12.3 m/s", "270°", "-4 m", "80 %"):
        assert figure in page, figure
    assert re.search(r">\s*\d{1,2} s\s*<", page) and re.search(r">\s*api\s*<", page)
    UserLocation.objects.update(
        speed_cms=UNKNOWN_U16,
        accuracy_dm=UNKNOWN_U16,
        course_cd=UNKNOWN_U16,
        altitude_m=UNKNOWN_ALTITUDE,
        battery_pct=UNKNOWN_BATTERY,
        fix_ms=times.now_ms() - 3 * 3_600_000,
    )
    page = operator.get(f"{POSITIONS}{alice.pk}/change/").content.decode()
    assert page.count(">–<") == 6 and "3\xa0hours" in page
    for sentinel in (UNKNOWN_U16, UNKNOWN_ALTITUDE, "255"):
        assert f">{sentinel}" not in page


def test_it_notes_who_looked_at_what_a_bet_was_taken_on(operator):
    kept = BetDecision.objects.create(
        bet_id="0190c5a0-0000-7000-8000-000000000000",
        user_id=74,
        room_id=1,
        market_id=1,
        at_ms=times.now_ms(),
        proof="fix",
        where="inside",
        away_m=40,
        rule=1,
    )
    decisions = "/admin/locations/betdecision/"
    assert operator.get(f"{decisions}?away_m__gte=40").status_code == 400
    assert operator.get(f"{decisions}?user_id=74").status_code == 200
    assert not PositionView.objects.exists()
    assert operator.get(f"{decisions}{kept.pk}/change/").status_code == 200
    assert list(PositionView.objects.values_list("user_id", "why")) == [(74, "decision")]


@pytest.mark.parametrize(
    "model",
    ["userlocation", "device", "sharing", "positionview", "betdecision"],
)  # fmt: skip
def test_it_lets_nobody_write_here_by_hand(operator, model):
    assert operator.get(f"/admin/locations/{model}/").status_code == 200
    assert operator.get(f"/admin/locations/{model}/add/").status_code == 403
