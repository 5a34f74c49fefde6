"""Whatever apps, libraries and networks do to a position on its way, it arrives."""

import base64
import gzip
import json
import zlib

import pytest
from django.test import Client

from locations import live
from locations.fixes.fix import UNKNOWN_U16
from locations.phones import devices
from locations.phones.reading import FIXES_MAX, read
from locations.tests.people import browser, somebody
from web import times

NOON = "2026-01-05T12:00:00Z"
NOON_MS = 1_767_614_400_000


# --- Shapes


ONE = {"timestamp": NOON, "coords": {"latitude": 52.5, "longitude": 13.4}}
TWO = {"timestamp": NOON_MS + 1_000, "latitude": 52.6, "longitude": 13.5}
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [13.4, 52.5]},
    "properties": {"timestamp": NOON, "battery_level": 0.89, "horizontal_accuracy": 8},
}


@pytest.mark.parametrize(
    "said",
    [
        [ONE, TWO], {"location": [ONE, TWO]}, {"locations": [ONE, TWO]}, {"data": [ONE, TWO]},
        [{"location": ONE}, {"location": TWO}],
        {"locations": [{"location": ONE}, {"location": TWO}]},
        {"location": {"locations": [ONE, TWO]}}, [[ONE, TWO]], [json.dumps(ONE), json.dumps(TWO)],
        json.dumps([ONE, TWO]), {"locations": [FEATURE, TWO], "current": FEATURE},
        {"type": "FeatureCollection", "features": [FEATURE, TWO]}, [ONE, None, 5, {}, TWO],
        [{"location": ONE}, {"location": {"coords": {}}}, {"location": TWO}],
        {"events": [ONE, TWO]}, {"0": ONE, "1": TWO}, {"bulk": {"messages": [ONE, TWO]}},
    ],
    ids=str,
)  # fmt: skip
def test_it_reads_each_position_of_a_buffer_in_whatever_shape(said):
    heard = read("", json.dumps(said).encode())
    assert {(fix.lat, fix.lon, fix.fix_ms) for fix in heard.measured} == {
        (52.5, 13.4, NOON_MS),
        (52.6, 13.5, NOON_MS + 1_000),
    }


def test_it_takes_no_place_without_a_time_from_under_an_unknown_name():
    heard = read("", json.dumps({"geofence": {"latitude": 52.5, "longitude": 13.4}}).encode())
    assert heard.measured == []


@pytest.mark.parametrize(
    "query",
    [
        "lat=52.5&lon=13.4&timestamp=2026-01-05T21:00:00+09:00",
        "lat=52,5&lon=13,4&timestamp=1767614400,0",
        "location=52.5,13.4&timestamp=1767614400", "location=52,5,13,4&timestamp=1767614400",
        "location=52,5;13,4&timestamp=1767614400",
        "Latitude=52.5&longitude=13.4&time=2026-01-05T12:00:00Z",
        "lat=52.5&lng=13.4&timeoffset=2026-01-05T21:00:00%2B09:00",
        "lat=52.5&amp;lon=13.4&amp;timestamp=1767614400",
        "lat=52.5&lon=13.4&timestamp=&time=1767614400&accuracy=&speed=&batt=",
        "lat=&lat=52.5&lon=13.4&timestamp=1767614400",
        "data=%7B%22lat%22:52.5,%22lon%22:13.4,%22tst%22:1767614400%7D",
    ],
)  # fmt: skip
def test_it_reads_a_position_from_a_query_and_from_a_form(query):
    for heard in (read(query, b""), read("", query.encode())):
        (fix,) = heard.measured
        assert (fix.lat, fix.lon, fix.fix_ms) == (52.5, 13.4, NOON_MS)


def test_it_keeps_the_good_reports_of_a_buffer_and_counts_the_others():
    bad = [{**ONE, "timestamp": "x"}, {**TWO, "latitude": "north"}, {"latitude": 1, "longitude": 2}]
    heard = read("", json.dumps({"location": [ONE, *bad, TWO]}).encode())
    assert len(heard.measured) == 2
    assert heard.unread == {"no_time": 2, "no_place": 1}


def test_it_reads_two_thousand_positions_at_once_and_says_that_there_were_more():
    body = json.dumps([{"lat": 1, "lon": 2, "tst": 1 + n} for n in range(FIXES_MAX + 5)]).encode()
    heard = read("", body)
    assert (len(heard.measured), heard.unread) == (FIXES_MAX, {"too_many": 5})


# --- By HTTP


pytestmark = pytest.mark.django_db


@pytest.fixture
def token() -> str:
    return devices.pair(somebody().pk, "Phone").token


def now_s() -> int:
    return times.now_ms() // 1000


def location(**more) -> dict:
    return {"_type": "location", "lat": 1.5, "lon": 2.5, "tst": now_s(), **more}


def post(path: str, body: bytes | str, coding: str = "application/json", **headers: str):
    return Client().generic("POST", path, body, content_type=coding, headers=headers)


def accepted() -> int:
    return live.counts().get("accepted", 0)


@pytest.mark.parametrize(
    "header",
    [
        lambda token: f"J\u00fcrgen:{token}".encode("latin-1"),
        lambda token: f"J\u00fcrgen:{token}".encode(),
        lambda token: f"\ud55c\uad6d:{token}".encode("utf-16-le"),
        lambda token: f"{token}:".encode(),
        lambda token: f"{token}".encode(),
        lambda token: f":{token}".encode(),
        lambda token: f"jane:doe:{token}".encode(),
    ],
)
@pytest.mark.parametrize("blanks", ["Basic ", "Basic   ", "basic ", " Basic "])
@pytest.mark.parametrize("is_padded", [True, False])
def test_it_finds_the_token_in_credentials_of_any_library(token, header, blanks, is_padded):
    coded = base64.b64encode(header(token).replace(b"\0", b"")).decode()
    coded = coded if is_padded else coded.rstrip("=")
    answer = post("/in/owntracks/", json.dumps(location()), Authorization=f"{blanks}{coded}")
    assert (answer.status_code, accepted()) == (200, 1)


@pytest.mark.parametrize(
    "path",
    [
        "/in/owntracks/{}", "/in/owntracks/{}/", "/in/traccar/{}/", "/in/traccar/?id={}/",
        "/in/traccar/?id={}?id=123", "/in/owntracks/?token={}", "/in/traccar/?x=1&deviceId={}",
        "/in/traccar/?" + "&".join(f"x{n}=1" for n in range(300)) + "&id={}",
    ],
)  # fmt: skip
def test_it_finds_the_token_in_the_address(token, path):
    answer = post(path.format(token), json.dumps(location()))
    assert (answer.status_code, accepted()) == (200, 1)


def test_it_takes_a_query_whatever_its_body_is_called(token):
    query = f"/in/traccar/?id={token}&lat=52.5&lon=13.4&timestamp={now_s()}"
    assert Client().get(query, content_type="application/json").status_code == 200
    assert accepted() == 1


@pytest.mark.parametrize("coding", ["application/json", "multipart/form-data", "text/xml", ""])
def test_it_takes_a_form_whatever_it_is_called(token, coding):
    body = f"id={token}&lat=52.5&lon=13.4&timestamp={now_s()}"
    assert post("/in/traccar/", body, coding).status_code == 200
    assert accepted() == 1


def test_it_takes_a_form_in_parts(token):
    form = {"id": token, "lat": "52.5", "lon": "13.4", "timestamp": str(now_s())}
    assert Client().post("/in/traccar/", form).status_code == 200
    assert accepted() == 1


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_it_unpacks_a_body(token, pack, coding):
    body = pack(json.dumps(location()).encode())
    answer = post(f"/in/owntracks/{token}", body, **{"Content-Encoding": coding})
    assert (answer.status_code, accepted()) == (200, 1)


def test_it_unpacks_no_more_than_it_would_read(token):
    body = gzip.compress(json.dumps(location(image="A" * 50_000_000)).encode())
    assert post(f"/in/owntracks/{token}", body).status_code == 200
    assert live.counts() == {"in.too_large": 1, "accepted": 1}


@pytest.mark.parametrize(
    "body",
    [
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"vel":NaN,"cog":Infinity}',
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"SSID":"Caf\xe9"}',
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"SSID":"\\ud83d"}',
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"SSID":"a\tb"}',
        b'\xef\xbb\xbf{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"vel":""}',
        b'{"_type":"location","lat":52,5,"lon":13,4,"tst":NOW}',
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW000,"acc":,"vel":}',
        b'{"_type":"location","lat":52.5,"lon":13.4,"tst":NOW,"image":"AAAA',
    ],
)
def test_it_takes_a_position_with_nonsense_beside_it(token, body):
    body = body.replace(b"NOW", b"%d" % now_s())
    assert post(f"/in/owntracks/{token}", body).status_code == 200
    assert live.counts() == {"accepted": 1}
    [(_id, _user, fix)] = live.waiting(10)
    assert (fix.lat, fix.lon, fix.speed_cms) == (52.5, 13.4, UNKNOWN_U16)


def test_it_takes_a_whole_buffer_in_its_order(token):
    start_s = now_s() - 3_000
    reports = [
        {"latitude": 52.5, "longitude": 13.4, "timestamp": (start_s + 10 * n) * 1000}
        for n in range(250)
    ]
    body = json.dumps({"device_id": token, "location": reports[::-1]})
    assert post("/in/traccar/", body).status_code == 200
    assert live.counts() == {"accepted": 250}


# --- What cannot be read


def test_it_shows_the_owner_what_could_not_be_read_and_counts_it_for_operators():
    alice, bob = somebody(), somebody("Bob")
    paired = devices.pair(alice.pk, "Phone")
    for said in (
        location(tst="x"),
        location(tst=None),
        location(lat="north"),
        {"_type": "encrypted"},
    ):
        assert post(f"/in/owntracks/{paired.token}", json.dumps(said)).status_code == 200
    ahead = location(tst=now_s() + 3_600)
    assert post(f"/in/owntracks/{paired.token}", json.dumps(ahead)).status_code == 200
    assert live.counts() == {
        "in.malformed": 3, "in.malformed.no_time": 2, "in.malformed.no_place": 1, "in.encrypted": 1,
        "refused": 1, "refused.future": 1,
    }  # fmt: skip
    (shown,) = browser(alice).get("/api/locations/me/").json()["devices"]
    missed = {each["reason"]: each["reports"] for each in shown["missed"]}
    assert missed == {"no_time": 2, "no_place": 1, "encrypted": 1, "future": 1}
    assert browser(bob).get("/api/locations/me/").json()["devices"] == []
    browser(alice).delete("/api/locations/me/")
    assert live.missed(alice.pk) == {}


def test_it_shows_nothing_of_what_was_taken():
    alice = somebody()
    token = devices.pair(alice.pk, "Phone").token
    post(f"/in/owntracks/{token}", json.dumps(location()))
    (shown,) = browser(alice).get("/api/locations/devices/").json()["results"]
    assert "missed" not in shown


def test_it_says_on_the_operators_page_what_the_counts_mean(request):
    token = devices.pair(somebody().pk, "Phone").token
    post(f"/in/owntracks/{token}", json.dumps(location(tst="x")))
    operator = request.getfixturevalue("operator")
    page = operator.get("/admin/locations/userlocation/").content.decode()
    assert "in.malformed.no_time" in page and "no time in it" in page
