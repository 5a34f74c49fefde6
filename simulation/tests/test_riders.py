"""The rides of the demo: shipped, honest, and slow enough for the house."""

from itertools import pairwise

from locations.fixes.fix import Measured, Source
from locations.fixes.plausibility import State, admit, judge
from simulation.riders import REPORT_EVERY_S, lap, rides


def test_it_rides_there_and_back_without_a_jump():
    tracks = rides()
    assert len(tracks) == 3
    for track in tracks:
        state, began_ms = State(), 1_790_000_000_000
        stops = list(lap(track))
        assert all(b - a >= REPORT_EVERY_S for (a, _), (b, _) in pairwise(stops))
        for at_s, point in stops * 2:
            at_ms = began_ms + round(at_s * 1000)
            fix = Measured(
                source=Source.API, fix_ms=at_ms, lat=point.lat, lon=point.lon, accuracy_m=10.0
            )
            state, verdict = judge(state, admit(fix, at_ms, 86_400_000))
            assert verdict.status in ("accepted", "stale", "duplicate")
        assert state.last is not None
