"""POST /api/locations/, GET /api/locations/me/, and the way to SQL."""

import json

import pytest

from locations import clock_steps, live
from locations.fixes.fix import Flag
from locations.live import functions
from locations.models import LocationFix, UserLocation
from locations.reports import record
from locations.tests.people import SPOT, browser, engine, measured, somebody, wire_fix
from web import times

pytestmark = pytest.mark.django_db


def post(client, *fixes, **more):
    return client.post("/api/locations/", {"fixes": list(fixes), **more}, format="json")


def statuses(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [result["status"] for result in response.json()["results"]]


def test_it_takes_a_fix_and_shows_it_to_its_user():
    alice = browser(somebody())
    now_ms = times.now_ms()
    answer = post(alice, wire_fix(now_ms - 1_000, speed_mps=1.5, course_deg=90))
    assert answer.json() == {"results": [{"status": "accepted"}], "next_ms": 10_000}
    shown = alice.get("/api/locations/me/").json()["position"]
    assert (shown["lat"], shown["lon"], shown["accuracy_m"]) == (*SPOT, 8.0)
    assert (shown["speed_mps"], shown["course_deg"], shown["source"]) == (1.5, 90.0, "api")
    assert shown["live"] is True and shown["age_s"] <= 5 and shown["flags"] == []


def test_it_knows_nothing_of_somebody_who_never_reported():
    told = browser(somebody()).get("/api/locations/me/").json()
    assert told["position"] is None
    assert told["history"] == {"fixes": 0, "from_ms": None, "to_ms": None}


def test_it_asks_strangers_to_sign_in():
    stranger = browser(somebody())
    stranger.force_authenticate(None)
    assert post(stranger, wire_fix(times.now_ms())).status_code == 401
    assert live.counts() == {"in.sign_in": 1}
    assert stranger.get("/api/locations/me/").status_code == 401


def test_it_answers_each_fix_in_its_order():
    now_ms = times.now_ms()
    answer = post(
        browser(somebody()),
        wire_fix(now_ms - 20_000),
        wire_fix(now_ms - 10_000),
        wire_fix(now_ms - 15_000),
        wire_fix(now_ms - 10_000),
        wire_fix(now_ms - 5_000, lat=38.5),
        wire_fix(now_ms, lat=91),
        wire_fix(now_ms + 3_600_000),
        wire_fix(now_ms - 9 * 86_400_000),
        wire_fix(now_ms, lat=0, lon=0),
        wire_fix(10**30),
    )
    assert answer.json()["results"] == [
        {"status": "accepted"},
        {"status": "accepted"},
        {"status": "stale", "reason": "older"},
        {"status": "duplicate", "reason": "known"},
        {"status": "held", "reason": "jump"},
        {"status": "refused", "reason": "range"},
        {"status": "refused", "reason": "future"},
        {"status": "refused", "reason": "past"},
        {"status": "refused", "reason": "null_island"},
        {"status": "refused", "reason": "future"},
    ]
    counts = live.counts()
    assert counts["accepted"] == 2 and counts["refused.range"] == 1 and counts["refused"] == 5


def test_it_keeps_apart_what_a_clock_that_is_ahead_stamped():
    alice, now_ms = somebody(), times.now_ms()
    stamps = [now_ms + after_s * 1_000 for after_s in (-30, 0, 30, 60)]
    fixes = [measured(at_ms, SPOT[0] + n * 1e-4) for n, at_ms in enumerate(stamps)]
    outcome = record(alice.pk, [*fixes, measured(now_ms + 86_400_000)])
    assert [verdict.status for verdict in outcome.verdicts] == ["accepted"] * 4 + ["refused"]
    newest = outcome.state.last
    assert newest.lat_e7 == round((SPOT[0] + 3e-4) * 1e7)
    assert (newest.fix_ms, newest.flags) == (newest.received_ms, Flag.CLOCK)
    clock_steps.flush()
    kept = list(LocationFix.objects.order_by("fix_ms").values_list("fix_ms", flat=True))
    assert [at_ms - kept[0] for at_ms in kept] == [0, 30_000, 60_000, 90_000]


def test_it_brings_to_sql_what_live_took_and_only_that():
    user = somebody()
    now_ms = times.now_ms()
    record(user.pk, [measured(now_ms - 9_000), measured(now_ms - 4_000, lat=37.5666)])
    record(user.pk, [measured(now_ms - 6_000), measured(now_ms, lat=91)])
    assert not UserLocation.objects.exists()
    assert clock_steps.flush() == 3
    assert clock_steps.flush() == 0
    row = UserLocation.objects.get(pk=user.pk)
    assert (row.fix_ms, row.lat_e7, row.fixes) == (now_ms - 4_000, 375_666_000, 3)
    assert LocationFix.objects.filter(user_id=user.pk).count() == 3
    shown = browser(user).get("/api/locations/me/").json()
    assert shown["history"] == {"fixes": 3, "from_ms": now_ms - 9_000, "to_ms": now_ms - 4_000}


def test_it_repeats_a_flush_that_was_killed_before_it_forgot(monkeypatch):
    user = somebody()
    record(user.pk, [measured(times.now_ms())])
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(live, "written", _killed)
        clock_steps.flush()
    assert clock_steps.flush() == 1
    assert UserLocation.objects.get(pk=user.pk).fixes == 1
    assert LocationFix.objects.count() == 1


def _killed(entry_id: bytes) -> None:
    raise KeyboardInterrupt


def test_it_forgets_nothing_that_matters_when_live_lost_everything():
    user = somebody()
    now_ms = times.now_ms()
    record(user.pk, [measured(now_ms - 2_000)])
    clock_steps.flush()
    engine().flushdb()
    live.states.clear()
    shown = browser(user).get("/api/locations/me/").json()["position"]
    assert shown["fix_ms"] == now_ms - 2_000
    assert record(user.pk, [measured(now_ms)]).verdicts[0].status == "accepted"


def test_it_judges_again_when_another_process_was_first():
    user = somebody()
    now_ms = times.now_ms()
    record(user.pk, [measured(now_ms - 5_000)])
    stale_copy = live.states.get(user.pk)
    record(user.pk, [measured(now_ms - 1_000)])
    live.states.put(user.pk, stale_copy)
    outcome = record(user.pk, [measured(now_ms - 1_000), measured(now_ms - 3_000)])
    assert [verdict.status for verdict in outcome.verdicts] == ["duplicate", "stale"]
    live.states.clear()
    assert record(user.pk, [measured(now_ms - 1_000)]).verdicts[0].status == "duplicate"


def test_it_makes_an_old_fix_a_position_but_never_a_live_one():
    user = somebody()
    now_ms = times.now_ms()
    assert record(user.pk, [measured(now_ms - 600_000)]).verdicts[0].status == "accepted"
    assert browser(user).get("/api/locations/me/").json()["position"]["live"] is False
    assert engine().zcard(functions.GEO) == 0


def test_it_finds_people_on_the_map_until_they_fall_silent(monkeypatch):
    user = somebody()
    record(user.pk, [measured(times.now_ms())])
    record(somebody("Bob").pk, [measured(times.now_ms(), lat=89.9)])
    assert engine().zrange(functions.GEO, 0, -1) == [str(user.pk).encode()]
    assert clock_steps.reap() == 0
    later_ms = times.now_ms() + 90_001
    monkeypatch.setattr(times, "now_ms", lambda: later_ms)
    assert clock_steps.reap() == 1
    assert engine().zcard(functions.GEO) == engine().zcard(functions.SEEN) == 0


def test_it_says_busy_when_the_way_to_sql_is_full(monkeypatch):
    monkeypatch.setattr(functions, "QUEUE_MAX", 1)
    alice = browser(somebody())
    assert post(alice, wire_fix(times.now_ms() - 1_000)).status_code == 200
    answer = post(alice, wire_fix(times.now_ms()))
    assert answer.status_code == 503 and answer["Retry-After"]
    assert answer.json()["error"]["code"] == "busy"
    assert live.counts()["in.busy"] == 1


def test_it_admits_one_report_in_three_seconds(refills_slowly):
    refills_slowly("fixes")
    alice = browser(somebody())
    answers = [post(alice, wire_fix(times.now_ms())).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert live.counts()["in.too_fast"] == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"fixes": 1}',
        b'{"fixes": [1]}',
        b'{"fixes": [{}]}',
        b'{"fixes": [{"fix_ms": "1", "lat": 1, "lon": 1, "accuracy_m": 1}]}',
        b'{"fixes": [{"fix_ms": 1.5, "lat": 1, "lon": 1, "accuracy_m": 1}]}',
        b'{"fixes": [{"fix_ms": true, "lat": 1, "lon": 1, "accuracy_m": 1}]}',
        b'{"fixes": [{"fix_ms": 1, "lat": NaN, "lon": 1, "accuracy_m": 1}]}',
        b'{"fixes": [{"fix_ms": 1, "lat": 1e999, "lon": 1, "accuracy_m": 1}]}',
        b'{"fixes": [{"fix_ms": 1, "lat": 1, "lon": 1, "accuracy_m": null}]}',
        b'{"fixes": [{"fix_ms": 1, "lat": 1, "lon": 1, "accuracy_m": 1, "mock": true}]}',
        b'{"fixes": [{"fix_ms": 1, "lat": 1, "lon": 1, "accuracy_m": 1, "n": 1}]}',
        b'{"fixes": [], "user": 1}',
        b"[" * 100,
        b'{"fixes": ' + b"[" * 5_000,
        b"\xff\xfe{}",
        json.dumps({"fixes": [wire_fix(1)] * 101}).encode(),
    ],
)
def test_it_refuses_a_body_that_makes_no_sense(body):
    alice = browser(somebody())
    answer = alice.post("/api/locations/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"
    assert engine().keys() == [functions.COUNTS.encode()]
    assert live.counts() == {"in.malformed": 1}


def test_it_refuses_a_body_beyond_64_kib():
    body = b'{"fixes": []' + b" " * 65_536 + b"}"
    answer = browser(somebody()).post("/api/locations/", body, content_type="application/json")
    assert answer.status_code == 413
    assert live.counts() == {"in.too_large": 1}
