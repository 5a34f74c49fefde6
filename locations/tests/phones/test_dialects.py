"""Every recorded request of a phone app is read as exactly what it says, and answered rightly."""

import base64
import json
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.test import Client

from locations import clock_steps, live
from locations.fixes.fix import Flag
from locations.models import LocationFix, UserLocation
from locations.phones import devices
from locations.phones.reading import read as read_request
from locations.tests.people import somebody
from web import times

DATA = Path(__file__).parents[1] / "data"
OWNTRACKS = [json.loads(line) for line in (DATA / "owntracks_http.jsonl").open()]
TRACCAR = [json.loads(line) for line in (DATA / "traccar_osmand.jsonl").open()]
LINES = OWNTRACKS + TRACCAR
# What a device sends that has no position in it, or none that can be believed.
NULL_ISLAND = {"ot-and-14", "tc-q-15"}


def named(line: dict) -> str:
    return line["id"]


def read(line: dict):
    request = line["request"]
    return read_request(urlsplit(request["path"]).query, request["body"].encode())


def send(line: dict, token: str):
    """Send a recorded request, with the token in the place of its credentials."""
    request = line["request"]
    headers = {k: v for k, v in request["headers"].items() if k not in ("Host", "Content-Type")}
    path, query, body = "/in/traccar/", urlsplit(request["path"]).query, request["body"]
    if line["protocol"] == "owntracks-http":
        path = "/in/owntracks/"
        headers["Authorization"] = f"Basic {base64.b64encode(f'jane:{token}'.encode()).decode()}"
    elif device := line["expect"].get("device") or dict(parse_qsl(query)).get("id"):
        query = query.replace(f"id={quote(device)}", f"id={token}")
        body = body.replace(f"&id={device}&", f"&id={token}&", 1)
        body = body.replace(f'"device_id":"{device}"', f'"device_id":"{token}"')
    elif "device_id" in body:
        body = body.replace("iphone-frey", token)
    return Client().generic(
        request["method"],
        f"{path}?{query}",
        body,
        content_type=request["headers"].get("Content-Type", ""),
        headers=headers,
    )


@pytest.mark.parametrize("line", LINES, ids=named)
def test_it_reads_exactly_what_a_request_says(line):
    expect, heard = line["expect"], read(line)
    wanted = {"batch": "position"}.get(expect["class"], expect["class"])
    if "no device id" in expect.get("reason", ""):
        assert heard.token == ""
        return
    assert heard.kind == wanted
    if expect["class"] == "batch":
        told = [[fix.lat, fix.lon, fix.fix_ms / 1000] for fix in heard.measured]
        assert told == expect["positions"]
    if expect["class"] != "position":
        return
    (fix,) = heard.measured
    assert (fix.lat, fix.lon) == (expect["lat"], expect["lon"])
    fix_s = None if fix.fix_ms is None else fix.fix_ms / 1000
    assert fix_s == expect["fix_time"]
    if "accuracy_m" in expect:
        assert fix.accuracy_m == (expect["accuracy_m"] or None)
    for key, factor in (("speed_kmh", 3.6), ("speed_kn", 1 / 0.514444), ("speed_mps", 1)):
        if key in expect:
            assert fix.speed_mps * factor == pytest.approx(expect[key])
    assert fix.battery_pct == expect.get("battery_pct", fix.battery_pct)
    assert fix.altitude_m == expect.get("altitude_m", fix.altitude_m)
    assert fix.is_mock is bool(expect.get("mock"))
    if "speed_unknown" in expect:
        assert fix.speed_mps < 0
    if "device" in expect:
        assert heard.token == expect["device"]


@pytest.mark.django_db
@pytest.mark.parametrize("line", LINES, ids=named)
def test_it_answers_a_request_so_that_the_phone_forgets_it(line, monkeypatch):
    user = somebody()
    token = devices.pair(user.pk, "Phone").token
    expect = line["expect"]
    fix_s = expect.get("fix_time") or 1_790_000_000
    received_ms = round(fix_s * 1000) + 700
    monkeypatch.setattr(times, "now_ms", lambda: received_ms)
    answer = send(line, token)
    if "no device id" in expect.get("reason", ""):
        assert answer.status_code == 401
        return
    assert answer.status_code == 200, answer.content
    assert answer.content == (b"[]" if line["protocol"] == "owntracks-http" else b"")
    clock_steps.flush()
    if expect["class"] == "batch":
        # Both fixes are 63 years old or from another continent; none of them is the newest.
        return
    if expect["class"] != "position" or line["id"] in NULL_ISLAND:
        assert not LocationFix.objects.exists()
        kind = "refused.null_island" if line["id"] in NULL_ISLAND else f"in.{expect['class']}"
        assert live.counts()[kind] == 1
        return
    row = UserLocation.objects.get(pk=user.pk)
    assert row.lat_e7 == round(expect["lat"] * 1e7) and row.lon_e7 == round(expect["lon"] * 1e7)
    assert row.fix_ms == (round(fix_s * 1000) if expect.get("fix_time") else received_ms)
    assert row.battery_pct == round(expect.get("battery_pct", row.battery_pct))
    assert bool(row.flags & Flag.MOCK) is bool(expect.get("mock"))
    assert LocationFix.objects.get(user_id=user.pk).fix_ms == row.fix_ms


@pytest.mark.django_db
def test_it_knows_a_repeated_request():
    lines = {line["id"]: line for line in OWNTRACKS}
    first, again = read(lines["ot-and-03"]), read(lines["ot-and-04"])
    assert first.measured == again.measured


FORM = "id=TOKEN&timestamp=1467854672&lat=23.88&lon=90.57&speed=10.00&batt=95"
FORM_TYPE = "application/x-www-form-urlencoded"
NOON = "1467854672"
# The address that the page shows, with all its wishes, typed in where a server is asked for.
PASTED = "id=TOKEN&interval=15&distance=0&accuracy=high&stop_detection=false&buffer=true"
JSON = json.dumps(
    {
        "device_id": "TOKEN",
        "location": {"timestamp": 1467854672000, "coords": {"latitude": 23.88, "longitude": 90.57}},
    }
)


@pytest.mark.parametrize(
    "content_type, query, body, part_ms",
    [
        (FORM_TYPE, "", FORM, 0),
        (f"{FORM_TYPE}; charset=UTF-8", "", FORM, 0),
        ("text/plain", FORM, "", 0),
        ("", FORM.replace(NOON, "1467854672123"), "", 123),
        ("", FORM.replace(NOON, "2016-07-07T01:24:32Z"), "", 0),
        ("", FORM.replace(NOON, "2016-07-07T03:24:32.5%2B02:00"), "", 500),
        ("", FORM.replace(NOON, "2016-07-07 01:24:32"), "", 0),
        ("", FORM.replace("lat=23.88&lon=90.57", "location=23.88,90.57"), "", 0),
        ("", FORM + "&wifi=00-11-22,-40" * 300, "", 0),
        (FORM_TYPE, "", FORM + "&wifi=00-11-22,-40" * 300, 0),
        (FORM_TYPE, PASTED, FORM.replace("id=TOKEN", "id=48241179"), 0),
        (FORM_TYPE, "id=TOKEN", FORM.removeprefix("id=TOKEN&"), 0),
    ],
)
def test_it_reads_every_dialect_of_query_and_form(content_type, query, body, part_ms):
    heard = read_request(query, body.encode())
    assert (heard.kind, heard.token) == ("position", "TOKEN")
    (fix,) = heard.measured
    assert (fix.fix_ms, fix.lat, fix.lon) == (1467854672000 + part_ms, 23.88, 90.57)
    assert (fix.battery_pct, fix.speed_mps) == (95, pytest.approx(5.14444))


@pytest.mark.parametrize(
    "content_type, query, body",
    [
        ("application/json", "", JSON),
        ("text/plain", "", JSON),
        ("", "", f"\ufeff \n{JSON}"),
        (FORM_TYPE, "", f"[{JSON}]"),
        ("application/json", PASTED, JSON.replace("TOKEN", "48241179")),
        ("text/plain", PASTED, JSON),
    ],
)
def test_it_reads_json_whatever_it_is_called(content_type, query, body):
    heard = read_request(query, body.encode())
    assert (heard.kind, heard.token) == ("position", "TOKEN")
    (fix,) = heard.measured
    assert (fix.fix_ms, fix.lat, fix.lon) == (1467854672000, 23.88, 90.57)
    assert fix.accuracy_m is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type, body",
    [
        ("application/json", JSON[:-1] + ', "image":"' + "A" * 600_000 + '"}'),
        (FORM_TYPE, FORM + "&image=" + "A" * 600_000),
    ],
    ids=["long JSON", "long form"],
)
def test_it_takes_the_position_from_the_part_that_it_reads(content_type, body):
    token = devices.pair(somebody().pk, "Phone").token
    body = body.replace("TOKEN", token).replace(NOON, str(times.now_ms() // 1000))
    answer = Client().post("/in/traccar/", body, content_type=content_type)
    assert answer.status_code == 200
    assert live.counts() == {"in.too_large": 1, "accepted": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type, body, kind",
    [
        ("application/json", '{"device_id": "TOKEN", "image":"' + "A" * 600_000, "too_large"),
        ("application/json", JSON[:60], "malformed"),
        (FORM_TYPE, "id=TOKEN&image=" + "A" * 600_000, "too_large"),
    ],
    ids=["long JSON", "torn JSON", "long form"],
)
def test_it_has_the_phone_forget_what_it_cannot_read_to_the_end(content_type, body, kind):
    token = devices.pair(somebody().pk, "Phone").token
    answer = Client().post("/in/traccar/", body.replace("TOKEN", token), content_type=content_type)
    assert answer.status_code == 200
    assert live.counts() == {f"in.{kind}": 1}


@pytest.mark.parametrize(
    "content_type, query, body, kind",
    [
        (FORM_TYPE, "", "id=TOKEN&notificationToken=abc", "no_position"),
        (FORM_TYPE, "", "id=TOKEN&timestamp=1467854672&batt=9", "no_position"),
        ("", FORM + "&valid=false", "", "no_position"),
        ("", FORM.replace(NOON, "yesterday"), "", "malformed"),
        ("", FORM.replace("23.88", "north"), "", "malformed"),
        ("", FORM.replace("23.88", "nan"), "", "malformed"),
    ],
)
def test_it_tells_what_holds_no_position(content_type, query, body, kind):
    heard = read_request(query, body.encode())
    assert (heard.kind, heard.token, heard.measured) == (kind, "TOKEN", [])


def test_it_takes_hdop_for_want_of_an_accuracy():
    (fix,) = read_request("id=x&lat=1&lon=2&hdop=6", b"").measured
    assert (fix.accuracy_m, fix.is_estimated) == (30, True)
    (fix,) = read_request("id=x&lat=1&lon=2&hdop=6&accuracy=4", b"").measured
    assert (fix.accuracy_m, fix.is_estimated) == (4, False)
