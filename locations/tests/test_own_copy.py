"""What somebody takes along, and what is left of them when they have it erased."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection

from locations import clock_steps
from locations.history import storage
from locations.live import functions
from locations.models import Device, LocationFix, Sharing, UserLocation
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
from rooms.inside import BetDecision, inside, keep
from web import times


@pytest.fixture
def room(db):
    return hall()


def reported(user) -> list[dict]:
    now_ms = times.now_ms()
    fixes = [
        measured(
            now_ms - 60_000 + n * 5_000,
            SPOT[0] + n * 20 * METRE,
            SPOT[1],
            accuracy_m=5.5 + n,
            speed_mps=4.25 if n % 2 else None,
            course_deg=n * 30.0 if n % 3 else None,
            altitude_m=100 - n if n % 2 else None,
        )
        for n in range(10)
    ]
    record(user.pk, fixes)
    return [
        {
            "fix_ms": f.fix_ms,
            "lat": round(f.lat, 7),
            "lon": f.lon,
            "accuracy_m": f.accuracy_m,
            "speed_mps": f.speed_mps,
            "course_deg": f.course_deg,
            "altitude_m": f.altitude_m,
        }
        for f in fixes
    ]


@pytest.mark.django_db
def test_it_exports_json_that_reads_back_equal():
    alice = somebody()
    sent = reported(alice)
    answer = browser(alice).get("/api/locations/export/?format=json")
    assert answer["Content-Disposition"] == 'attachment; filename="ringside.json"'
    told = answer.json()["fixes"]
    assert [{key: fix[key] for key in sent[0]} for fix in told] == sent
    assert browser(alice).get("/api/locations/export/").json() == answer.json()
    assert browser(somebody("Bob")).get("/api/locations/export/").json()["fixes"] == []
    assert browser(alice).get("/api/locations/export/?format=kml").status_code == 400


@pytest.mark.django_db
def test_it_exports_ten_times_in_a_row_and_then_asks_to_wait(refills_slowly):
    refills_slowly("exports")
    client = browser(somebody())
    codes = [client.get("/api/locations/export/").status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


@pytest.mark.django_db
def test_it_exports_gpx_that_reads_back_equal():
    alice = somebody()
    sent = reported(alice)
    answer = browser(alice).get("/api/locations/export/?format=gpx")
    gpx = "{http://www.topografix.com/GPX/1/1}"
    points = ET.fromstring(answer.content).findall(f".//{gpx}trkpt")
    told = [
        {
            "fix_ms": round(datetime.fromisoformat(p.findtext(f"{gpx}time")).timestamp() * 1000),
            "lat": float(p.get("lat")),
            "lon": float(p.get("lon")),
            **{
                name: float(text)
                if (text := p.findtext(f"{gpx}extensions/{{urn:ringside:fix}}{name}"))
                else None
                for name in ("accuracy_m", "speed_mps", "course_deg")
            },
            "altitude_m": float(e) if (e := p.findtext(f"{gpx}ele")) else None,
        }
        for p in points
    ]
    assert told == sent


@pytest.mark.django_db
def test_it_erases_everything_and_says_so(room):
    alice, bob = inmates(room, "Alice", "Bob")
    client = browser(alice)
    client.post("/api/locations/devices/")
    put(client, room="HAQQ22", level="exact")
    record(alice.pk, [measured(times.now_ms() - 20_000, accuracy_m=8)])
    clock_steps.flush()
    record(alice.pk, [measured(times.now_ms() - 10_000, accuracy_m=8)])
    record(bob.pk, [measured(times.now_ms(), accuracy_m=8)])
    assert inside(room.pk, alice.pk).may_bet
    answer = client.delete("/api/locations/me/")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["position"], told["history"], told["waiting"]) == (True, 1, 1)
    assert (told["devices"], told["sharing"]) == (1, 1)
    assert any("ten metres" in words for words in told["kept"])
    me = client.get("/api/locations/me/").json()
    assert me["position"] is None and me["history"]["fixes"] == 0
    assert me["devices"] == me["sharing"] == []
    assert not inside(room.pk, alice.pk).may_bet
    for model in (UserLocation, LocationFix, Device, Sharing):
        field = "user" if model is not LocationFix else "user_id"
        assert not model.objects.filter(**{field: alice.pk}).exists()
    ending = f":{alice.pk}".encode()
    assert not [key for key in engine().scan_iter() if key.endswith(ending)]
    assert engine().xlen(functions.QUEUE) == 1
    assert clock_steps.flush() == 1
    assert set(UserLocation.objects.values_list("pk", flat=True)) == {bob.pk}
    assert record(alice.pk, [measured(times.now_ms())]).verdicts[0].status == "accepted"
    assert clock_steps.flush() == 1


# A spot whose figures nothing else has, as text and as the bytes of packed whole numbers.
MARKER = (12.3456789, 98.7654321)
TRACES = [
    trace
    for degrees in MARKER
    for e7 in (round(degrees * 1e7),)
    for trace in (str(e7).encode(), str(degrees)[:7].encode(), e7.to_bytes(4, "big"))
]


def places_with_traces() -> set[str]:
    """The tables and keys of all engines in which the figures of the spot are found."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found |= {table for row in cursor.fetchall() if _has_trace(repr(row).encode())}
    for link in (engine(), redis.Redis.from_url(settings.REDIS_BANK_URL)):
        for key in link.scan_iter():
            kept = READERS[link.type(key)](link, key)
            found |= {key.decode()} if _has_trace(kept) else set()
    return found


READERS: dict[bytes, Callable[[Any, bytes], bytes]] = {
    b"string": lambda link, key: link.get(key),
    b"hash": lambda link, key: b" ".join(chain(*link.hgetall(key).items())),
    b"list": lambda link, key: b" ".join(link.lrange(key, 0, -1)),
    b"set": lambda link, key: b" ".join(link.smembers(key)),
    b"zset": lambda link, key: b" ".join(link.zrange(key, 0, -1)),
    b"stream": lambda link, key: b" ".join(
        chain(*(chain(*fields.items()) for _entry, fields in link.xrange(key)))
    ),
}


def _has_trace(kept: bytes) -> bool:
    return any(trace in kept for trace in TRACES)


@pytest.mark.django_db
def test_it_leaves_no_trace_of_a_spot_in_any_table_or_key():
    room = hall(place_lat=MARKER[0] + 50 * METRE, place_lon=MARKER[1] + 50 * METRE)
    alice, bob = inmates(room, "Alice", "Bob")
    client = browser(alice)
    put(client, room="HAQQ22", level="exact")
    for age_ms in (20_000, 10_000):
        clock_steps.flush()
        record(alice.pk, [measured(times.now_ms() - age_ms, *MARKER, accuracy_m=8)])
    # One that jumps is held, and waits for the next.
    record(alice.pk, [measured(times.now_ms(), MARKER[0] + 1, MARKER[1], accuracy_m=8)])
    assert seen_of(bob, room)["points"]
    decision = inside(room.pk, alice.pk)
    kept = BetDecision(
        user_id=alice.pk, room_id=room.pk, market_id=5, bet_id=str(uuid4()), decision=decision
    )
    assert keep(kept) and clock_steps.record_decisions() == 1
    assert places_with_traces() == {
        UserLocation._meta.db_table,
        LocationFix._meta.db_table,
        functions.QUEUE,
        functions.state_key(alice.pk),
    }
    assert engine().zscore(functions.GEO, alice.pk)
    assert client.delete("/api/locations/me/").status_code == 202
    assert places_with_traces() == set()
    assert engine().zscore(functions.GEO, alice.pk) is None
    assert seen_of(bob, room)["people"] == []


def seen_of(user, room) -> dict:
    return browser(user).get(f"/api/rooms/{room.code}/map/").json()


@pytest.mark.django_db
@pytest.mark.parametrize("ahead_ms", [0, 4_500])
def test_it_erases_also_what_a_phone_dated_ahead(ahead_ms):
    alice = somebody()
    record(alice.pk, [measured(times.now_ms() + ahead_ms)])
    clock_steps.flush()
    assert browser(alice).delete("/api/locations/me/").json()["history"] == 1
    assert not LocationFix.objects.exists() and not UserLocation.objects.exists()


@pytest.mark.django_db
def test_it_erases_also_what_is_just_being_written(monkeypatch):
    alice = somebody()
    record(alice.pk, [measured(times.now_ms() - 1_000)])
    write = storage.write

    def erased_meanwhile(entries):
        browser(alice).delete("/api/locations/me/")
        write(entries)

    monkeypatch.setattr(storage, "write", erased_meanwhile)
    clock_steps.flush()
    assert not LocationFix.objects.exists() and not UserLocation.objects.exists()
