"""Which fixes are believed: recorded jumps are held back, honest rides are not."""

import csv
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations.fixes.fix import UNKNOWN_U16, Fix, Flag, Unusable
from locations.fixes.plausibility import (
    RECENT_MAX,
    SPEED_MAX_MPS,
    State,
    admit,
    is_live,
    judge,
    leg,
    note_lag,
    steady_lag_ms,
)
from locations.tests.people import METRE, SPOT, measured

pytestmark = pytest.mark.once

DATA = Path(__file__).with_name("data")
JUMPS = {"11", "49", "50", "58", "37996", "37997"}
T = 1_790_000_000_000


def fix(after_s: float, north_m: float, accuracy_m: float | None = 0, **more) -> Fix:
    at_ms = T + round(after_s * 1000)
    accuracy_dm = UNKNOWN_U16 if accuracy_m is None else round(accuracy_m * 10)
    lat_e7 = round((SPOT[0] + north_m * METRE) * 1e7)
    return Fix(at_ms, at_ms, lat_e7, round(SPOT[1] * 1e7), accuracy_dm=accuracy_dm, **more)


def statuses(*fixes: Fix) -> list[str]:
    state, told = State(), []
    for each in fixes:
        state, verdict = judge(state, each)
        told.append(verdict.status)
    return told


def recorded() -> dict[str, list[Fix]]:
    tracks = defaultdict(list)
    for row in csv.DictReader((DATA / "aracaju_some.csv").open()):
        at_ms = T + round(float(row["t_offset_s"]) * 1000)
        lat_e7, lon_e7 = round(float(row["lat"]) * 1e7), round(float(row["lon"]) * 1e7)
        tracks[row["track_id"]].append(Fix(at_ms, at_ms, lat_e7, lon_e7))
    return tracks


@pytest.mark.parametrize("accuracy_m", [None, 5, 10, 20, 25])
def test_it_holds_exactly_the_recorded_jumps(accuracy_m):
    held = set()
    for track_id, fixes in recorded().items():
        if accuracy_m:
            fixes = [Fix(*_four(f), accuracy_dm=accuracy_m * 10) for f in fixes]
        if "held" in statuses(*fixes):
            held.add(track_id)
    assert held == JUMPS


def recorded_train() -> list[Fix]:
    """The fixes that name an accuracy."""
    rows = csv.DictReader((DATA / "swiss_train.csv").open())
    figures = [[float(row[name]) for name in row] for row in rows]
    return [
        Fix(
            T + round(at_s * 1000), T + round(at_s * 1000), round(lat * 1e7), round(lon * 1e7),
            accuracy_dm=round(accuracy_m * 10),
        )
        for at_s, lat, lon, accuracy_m in figures
        if accuracy_m
    ]  # fmt: skip


def test_it_loses_of_a_recorded_train_only_what_no_train_can_do():
    state, held, lost, held_count = State(), None, [], 0
    fixes = recorded_train()
    for each in fixes:
        before = state.last
        state, verdict = judge(state, each)
        if held and held[1].fix_ms not in [fix.fix_ms for fix in verdict.kept]:
            lost.append(held)
        held = (before, each) if verdict.status == "held" else None
        held_count += bool(held)
    assert len(fixes) == 1_178
    assert 0 < len(lost) <= held_count <= 11
    assert all(leg(before, fix)[0] > SPEED_MAX_MPS for before, fix in lost)


def _four(f: Fix) -> tuple[int, int, int, int]:
    return f.fix_ms, f.received_ms, f.lat_e7, f.lon_e7


def test_it_drops_a_spike_and_goes_on_from_the_last_good_fix():
    assert statuses(fix(0, 0), fix(5, 20), fix(10, 5_000), fix(15, 60)) == [
        "accepted",
        "accepted",
        "held",
        "accepted",
    ]
    state = State()
    for each in (fix(0, 0), fix(5, 20), fix(10, 5_000)):
        state, verdict = judge(state, each)
    assert verdict.kept[0].flags == Flag.HELD and state.last == fix(5, 20)
    state, verdict = judge(state, fix(15, 60))
    assert (verdict.kept, verdict.dropped) == ((fix(15, 60),), "spike")


def test_it_believes_both_when_the_next_fix_confirms_a_jump():
    state = State()
    for each in (fix(0, 0), fix(5, 1_500)):
        state, _ = judge(state, each)
    state, verdict = judge(state, fix(10, 1_600))
    assert verdict.status == "accepted" and verdict.kept == (fix(5, 1_500), fix(10, 1_600))
    assert state.last == fix(10, 1_600) and state.held is None


def test_it_holds_on_while_nothing_confirms():
    assert statuses(fix(0, 0), fix(5, 9_000), fix(10, 30_000), fix(15, 10)) == [
        "accepted",
        "held",
        "held",
        "accepted",
    ]


def test_it_lets_a_fast_train_speed_up_and_come_out_of_a_tunnel():
    train = [fix(n * 10, 0.5 * (n * 10) ** 2 * 0.5) for n in range(12)]
    assert set(statuses(*train)) == {"accepted"}
    tunnel = [fix(0, 0), fix(10, 550), fix(190, 550 + 180 * 60), fix(200, 550 + 190 * 60)]
    assert set(statuses(*tunnel)) == {"accepted"}


@pytest.mark.parametrize("speed_cms", [0, 2_060, 4_200, UNKNOWN_U16])
def test_it_holds_no_fast_car_whatever_its_phone_says_of_the_speed(speed_cms):
    north_m, speed_mps, fixes = 0.0, 0.0, []
    for n in range(40):
        speed_mps = min(42.0, speed_mps + 8)
        north_m += speed_mps * 5
        fixes.append(fix(n * 5, north_m, 10, speed_cms=speed_cms))
    assert set(statuses(*fixes)) == {"accepted"}


def test_it_blames_no_one_for_inaccurate_fixes():
    assert statuses(fix(0, 0, 1_600), fix(4, 2_000, 500)) == ["accepted", "accepted"]


def suspected(*fixes: Fix) -> bool:
    """Whether the newest believed fix carries a jump, once all of these came in."""
    state = State()
    for each in fixes:
        state, _ = judge(state, each)
    assert state.last is not None and state.last.fix_ms == fixes[-1].fix_ms
    return bool(state.last.flags & Flag.JUMP)


HOME, FAR_M = fix(0, 0, 10), 1_390_000


@pytest.mark.parametrize(
    "hop",
    [
        [fix(0.1, FAR_M, 10), fix(0.2, FAR_M, 10)],
        [fix(n / 1_000, FAR_M, 10) for n in range(1, 4)],
        [fix(60 + n, FAR_M, 10) for n in range(100)],
        [fix(n, n * 6_000, 3_000, flags=Flag.COARSE) for n in range(232)]
        + [fix(232, 1_386_000, 10)],
        [fix(5, FAR_M, None), fix(6, FAR_M, None), fix(7, FAR_M, 10)],
        [fix(n / 1_000, n * 165, 50) for n in range(1, 1_001)],
    ],
    ids=["a copy", "three", "a minute later", "coarse", "no accuracy", "small steps"],
)
def test_it_suspects_whoever_is_elsewhere_at_once(hop):
    assert suspected(HOME, *hop)
    assert not suspected(*hop[-2:])


def test_it_suspects_for_ten_minutes_whatever_comes_in_between():
    there = fix(5, FAR_M, 10), fix(6, FAR_M, 10)
    stay = [fix(n, FAR_M, 10) for n in range(16, 606, 10)]
    assert suspected(HOME, *there, *stay)
    assert not suspected(HOME, *there, *stay, fix(616, FAR_M, 10))
    back = fix(20, 0, 10), fix(21, 0, 10)
    assert suspected(HOME, *there, *back) and suspected(HOME, *there, *back, *stay[30:])


def test_it_marks_the_fixes_that_jumped():
    state = State()
    for each in (HOME, fix(5, FAR_M, 10)):
        state, _ = judge(state, each)
    _, verdict = judge(state, fix(6, FAR_M, 10))
    assert [fix.flags for fix in verdict.kept] == [Flag.JUMP, Flag.JUMP]


def test_it_suspects_nobody_after_a_flight_or_an_old_jump_in_a_flushed_buffer():
    two_hours_s = 2 * 3_600
    landed = [fix(two_hours_s + n * 10, FAR_M, 20) for n in range(3)]
    assert not suspected(HOME, *landed)
    buffered = [HOME, *(fix(n, FAR_M, 10) for n in range(5, 1_200, 15))]
    arrived_ms = T + 1_200_000
    kept = [msgspec.structs.replace(each, received_ms=arrived_ms) for each in buffered]
    assert suspected(*kept[:5]) and not suspected(*kept)


def test_it_suspects_no_recorded_honest_ride():
    for track_id, fixes in recorded().items():
        state = State()
        for each in fixes:
            state, _ = judge(state, Fix(*_four(each), accuracy_dm=100))
        assert not state.jumped_until_ms, track_id


def test_it_suspects_a_recorded_train_only_when_its_phone_leapt_by_kilometres():
    state, leaps_m = State(), []
    for each in recorded_train():
        before, (state, _) = state, judge(state, each)
        if state.jumped_until_ms > before.jumped_until_ms:
            leaps_m.append(leg(before.anchor, each)[2])
    assert len(leaps_m) == 3 and all(least_m > 4_000 for least_m in leaps_m)


def test_it_never_believes_a_ping_where_it_knows_better():
    ping = fix(10, 20, 10, flags=Flag.PING)
    state, verdict = judge(State(), ping)
    assert verdict.status == "accepted" and not is_live(state.last)
    assert statuses(ping, fix(5, 0, 10), fix(20, FAR_M, 10)) == ["accepted", "stale", "accepted"]
    state, _ = judge(State(), HOME)
    after, verdict = judge(state, ping)
    assert (after, verdict.status, verdict.reason, verdict.kept) == (state, "stale", "ping", ())


def arrivals(*lags_s: float, every_s: float = 10) -> State:
    """What is known after fixes that came so late, one after the other."""
    state = State()
    for number, lag_s in enumerate(lags_s):
        at_s = number * every_s
        late = msgspec.structs.replace(fix(at_s - lag_s, 0), received_ms=T + round(at_s * 1_000))
        state = note_lag(judge(state, late)[0])
    return state


def test_it_knows_a_clock_that_is_behind_from_a_buffer_that_empties():
    assert steady_lag_ms(arrivals(60, 61, 63, 60)) == 60_000
    assert steady_lag_ms(arrivals(60, 61)) == 0
    assert steady_lag_ms(arrivals(600, 595, 585, 570, 555, every_s=5)) == 0
    assert steady_lag_ms(arrivals(0.2, 0.3, 0.2)) == 200
    assert steady_lag_ms(arrivals(60, 60, 60, 60, 0)) == 0


def test_it_remembers_a_hundred_times_and_no_more():
    state = State()
    for number in range(300):
        state, _ = judge(state, fix(number, 0))
    assert len(state.recent) == RECENT_MAX
    assert judge(state, fix(299, 0))[1].status == "duplicate"
    assert judge(state, fix(1, 0))[1].status == "stale"


@given(st.lists(st.tuples(st.integers(0, 3_600), st.integers(-200_000, 200_000)), max_size=40))
def test_it_never_goes_back_in_time_and_keeps_every_fix_once(pairs):
    state, newest, kept = State(), 0, []
    for after_s, north_m in pairs:
        state, verdict = judge(state, fix(after_s, north_m))
        if state.last:
            assert state.last.fix_ms >= newest
            newest = state.last.fix_ms
        if verdict.status != "duplicate":
            kept.append(after_s)
            assert verdict.kept[-1].fix_ms == T + after_s * 1000
    assert len(kept) == len(set(kept))


def test_it_is_not_frozen_by_late_and_future_fixes():
    """The recorded cases, each at its time of arrival: what is believed is true, or nothing is."""
    cases = defaultdict(list)
    for row in csv.DictReader((DATA / "late_and_future_fixes.csv").open()):
        received = datetime.fromisoformat(row["received_at"].rstrip("Z") + "+00:00")
        fixed = datetime.fromisoformat(row["fix_time"].rstrip("Z") + "+00:00")
        cases[row["case"]].append(
            (
                measured(
                    round(fixed.timestamp() * 1000),
                    float(row["lat"]),
                    float(row["lon"]),
                ),
                round(received.timestamp() * 1000),
            )
        )
    told = {case: _arrive(fixes) for case, fixes in cases.items()}
    words, newest = told["future-5y"]
    assert words == ["future", "future", "future", "accepted"] and is_live(newest)
    words, newest = told["buffer-flush"]
    assert words == ["accepted", "accepted", "stale"] and not is_live(newest)
    assert not is_live(told["stale-10h"][1]) and not is_live(told["yesterday"][1])


def _arrive(fixes) -> tuple[list[str], Fix | None]:
    state, words = State(), []
    for one, received_ms in fixes:
        try:
            state, verdict = judge(state, admit(one, received_ms, 7 * 86_400_000))
            words.append(verdict.status)
        except Unusable as unusable:
            words.append(unusable.reason)
    return words, state.last


def test_it_measures_across_the_date_line_and_at_the_poles():
    paths = defaultdict(list)
    for row in csv.DictReader((DATA / "edge_paths.csv").open()):
        paths[row["path"]].append((float(row["lat"]), float(row["lon"])))
    for points in paths.values():
        for a, b in pairwise(points):
            if any(abs(lon) > 180 for _, lon in (a, b)):
                with pytest.raises(Unusable):
                    [admit(measured(T, *p), T, 86_400_000) for p in (a, b)]
                continue
            one, other = (admit(measured(T + n, *p), T, 86_400_000) for n, p in enumerate((a, b)))
            assert 0 <= leg(one, other)[2] <= 20_020_000
    near = leg(fix_at(0, 179.9999), fix_at(0, -179.9999))[2]
    assert near == pytest.approx(22.2, abs=0.1)


def fix_at(lat: float, lon: float) -> Fix:
    return Fix(T, T, round(lat * 1e7), round(lon * 1e7))
