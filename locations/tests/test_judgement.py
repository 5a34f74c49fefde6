"""Which fixes are believed: recorded jumps are held back, honest rides are not."""

import csv
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations.fixes import Fix, Flag, Unusable
from locations.judgement import RECENT_MAX, SPEED_MAX_MPS, State, admit, is_live, judge, leg
from locations.tests.people import SPOT, measured

DATA = Path(__file__).with_name("data")
JUMPS = {"11", "49", "50", "58", "37996", "37997"}
T = 1_790_000_000_000
METRE = 1 / 111_195


def fix(after_s: float, north_m: float, accuracy_m: float = 0, **more) -> Fix:
    at_ms = T + round(after_s * 1000)
    lat_e7 = round((SPOT[0] + north_m * METRE) * 1e7)
    return Fix(
        at_ms, at_ms, lat_e7, round(SPOT[1] * 1e7), accuracy_dm=round(accuracy_m * 10), **more
    )


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
        if held and held[1] not in verdict.kept:
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
    for each in (fix(0, 0), fix(5, 5_000)):
        state, _ = judge(state, each)
    state, verdict = judge(state, fix(10, 5_100))
    assert verdict.status == "accepted" and verdict.kept == (fix(5, 5_000), fix(10, 5_100))
    assert state.last == fix(10, 5_100) and state.held is None


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


def test_it_blames_no_one_for_inaccurate_fixes():
    assert statuses(fix(0, 0, 1_600), fix(4, 2_000, 500)) == ["accepted", "accepted"]


def test_it_distrusts_for_ten_minutes_who_jumps_impossibly_twice():
    state = State()
    for number, north_m in enumerate((0, 50_000, 50_010, 0, 10)):
        state, _ = judge(state, fix(number * 5, north_m))
    assert state.jumped_until_ms == T + 20_000 + 600_000


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
