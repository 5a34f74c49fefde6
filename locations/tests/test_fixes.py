"""One canonical fix: units, sentinels, ranges, clocks."""

import math

import pytest

from locations.fixes.fix import (
    UNKNOWN_ALTITUDE,
    UNKNOWN_BATTERY,
    UNKNOWN_U16,
    Flag,
    Measured,
    Source,
    Unusable,
)
from locations.fixes.plausibility import ROLLOVER_MS, admit
from locations.tests.people import measured

pytestmark = pytest.mark.once

NOW_MS = 1_790_000_000_000
WEEK_MS = 7 * 86_400_000


def test_it_keeps_seven_decimals_and_every_unit():
    fix = admit(
        measured(
            NOW_MS,
            -19.6099467,
            40.372385,
            accuracy_m=10.5,
            speed_mps=3.21,
            course_deg=74.18,
            altitude_m=653.9,
            battery_pct=53.4,
        ),
        NOW_MS,
        WEEK_MS,
    )
    assert (fix.lat, fix.lon) == (-19.6099467, 40.372385)
    assert (fix.accuracy_m, fix.speed_mps, fix.course_deg) == (10.5, 3.21, 74.18)
    assert (fix.altitude_m, fix.battery_pct) == (654, 53)


@pytest.mark.parametrize("unknown", [None, -1.0, math.nan, math.inf, -math.inf])
def test_it_takes_nonsense_in_a_side_figure_as_unknown(unknown):
    fix = admit(
        measured(NOW_MS, accuracy_m=unknown, speed_mps=unknown, course_deg=unknown),
        NOW_MS,
        WEEK_MS,
    )
    assert (fix.accuracy_dm, fix.speed_cms, fix.course_cd) == (UNKNOWN_U16,) * 3
    assert (fix.altitude_m, fix.battery_pct) == (UNKNOWN_ALTITUDE, UNKNOWN_BATTERY)
    assert (fix.accuracy_m, fix.speed_mps, fix.course_deg) == (None, None, None)


def test_it_fits_huge_figures_into_their_columns():
    fix = admit(
        measured(NOW_MS, accuracy_m=1e308, speed_mps=1e308, altitude_m=1e308, battery_pct=43628),
        NOW_MS,
        WEEK_MS,
    )
    assert fix.accuracy_dm == fix.speed_cms == UNKNOWN_U16 - 1
    assert (fix.altitude_m, fix.battery_pct) == (UNKNOWN_ALTITUDE, UNKNOWN_BATTERY)
    assert fix.flags & Flag.COARSE


@pytest.mark.parametrize(
    "lat, lon", [(91, 0), (-90.1, 0), (0, 180.1), (10, 198.8), (math.nan, 1), (1e308, 1)]
)
def test_it_refuses_what_is_off_the_globe(lat, lon):
    with pytest.raises(Unusable) as refused:
        admit(Measured(source=Source.API, lat=lat, lon=lon), NOW_MS, WEEK_MS)
    assert refused.value.reason == "range"


def test_it_refuses_null_island_but_not_the_meridian():
    with pytest.raises(Unusable) as refused:
        admit(measured(NOW_MS, 0.00005, -0.00005), NOW_MS, WEEK_MS)
    assert refused.value.reason == "null_island"
    assert admit(measured(NOW_MS, 51.0, 0.0), NOW_MS, WEEK_MS).lon == 0.0


def test_it_puts_clocks_right_or_refuses_them():
    assert admit(measured(NOW_MS + 4_000), NOW_MS, WEEK_MS).fix_ms == NOW_MS + 4_000
    early = admit(measured(NOW_MS + 200_000), NOW_MS, WEEK_MS)
    assert early.fix_ms == NOW_MS and early.flags & Flag.CLOCK
    for fix_ms, reason in (
        (NOW_MS + 300_001, "future"),
        (NOW_MS + 5 * 365 * 86_400_000, "future"),
        (10**18, "future"),
        (NOW_MS - 9 * 86_400_000, "past"),
        (1_000, "past"),
        (-(10**18), "past"),
    ):
        with pytest.raises(Unusable) as refused:
            admit(measured(fix_ms), NOW_MS, WEEK_MS)
        assert refused.value.reason == reason


def test_it_repairs_a_receiver_that_began_counting_weeks_again():
    fix = admit(measured(NOW_MS - ROLLOVER_MS - 1_000), NOW_MS, WEEK_MS)
    assert fix.fix_ms == NOW_MS - 1_000 and fix.flags & Flag.CLOCK
    ahead = admit(measured(NOW_MS - ROLLOVER_MS + 60_000), NOW_MS, WEEK_MS)
    assert ahead.fix_ms == NOW_MS and ahead.flags & Flag.CLOCK


def test_it_takes_the_time_of_arrival_where_none_is_given():
    assert admit(Measured(source=Source.API, lat=1, lon=2), NOW_MS, WEEK_MS).fix_ms == NOW_MS
