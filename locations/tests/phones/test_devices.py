"""Pairing phones, and what their tokens are worth."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.auth import bans
from locations import live
from locations.live import functions
from locations.models import Device, LocationFix
from locations.phones import devices
from locations.tests.people import browser, engine, somebody
from web import times

pytestmark = pytest.mark.django_db


def basic(password: str, name: str = "anybody") -> dict[str, str]:
    coded = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {coded}"}


def location(**more) -> dict:
    return {"_type": "location", "lat": 1.5, "lon": 2.5, "tst": times.now_ms() // 1000, **more}


def owntracks(token: str, body: object, **headers: str):
    body = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client().post(
        "/in/owntracks/",
        body,
        content_type="application/json",
        headers={**basic(token), **headers},
    )


def test_it_pairs_a_phone_and_tells_the_token_once():
    alice = browser(somebody())
    told = alice.post("/api/locations/devices/", {"name": " My  phone "}, format="json")
    assert told.status_code == 201
    told = told.json()
    assert len(bytes.fromhex(told["token"])) == 16 and told["name"] == "My phone"
    assert told["token"] not in str(list(Device.objects.values()))
    (shown,) = alice.get("/api/locations/devices/").json()["results"]
    assert set(shown) == {"id", "name", "created_at_ms", "seen_at_ms"}
    inline = parse_qs(urlsplit(told["owntracks"]["link"]).query)["inline"][0]
    setup = json.loads(base64.b64decode(inline))
    assert setup["password"] == told["token"] and setup["moveModeLocatorInterval"] == 15
    assert setup["url"] == told["owntracks"]["url"] == "http://127.0.0.1:8000/in/owntracks/"
    query = parse_qs(urlsplit(told["traccar"]["url"]).query)
    assert query["id"] == [told["token"]] and query["interval"] == ["15"]
    assert query["stop_detection"] == ["false"]
    link = urlsplit(told["traccar"]["link"])
    assert (link.scheme, link.netloc) == ("org.traccar.client", "config")
    assert parse_qs(link.query) == {"url": ["http://127.0.0.1:8000/in/traccar/"], **query}
    for app in ("owntracks", "traccar"):
        assert told[app]["qr"].startswith("data:image/svg+xml")


def test_it_takes_fixes_of_a_phone_for_its_user_alone():
    alice, bob = somebody(), somebody("Bob")
    token = devices.pair(alice.pk, "Phone").token
    body = location(tid="BO", topic=f"owntracks/{bob.nickname}/phone")
    headers = {"X-Limit-U": str(bob.pk), "X-Limit-D": "1"}
    assert owntracks(token, body, **headers).status_code == 200
    assert browser(alice).get("/api/locations/me/").json()["position"]["source"] == "owntracks"
    assert browser(bob).get("/api/locations/me/").json()["position"] is None
    assert Device.objects.get().seen_at_ms > 0


@pytest.mark.parametrize("token", ["", "0" * 32, "x" * 10_000, "48241179", "\u00e9\u0000"])
def test_it_answers_401_to_a_token_that_nobody_has(token):
    devices.pair(somebody().pk, "Phone")
    assert owntracks(token, location()).status_code == 401
    query = {"id": token, "lat": "1", "lon": "2"}
    assert Client().get("/in/traccar/", query).status_code == 401
    assert Client().post("/in/owntracks/").status_code == 401
    assert live.counts() == {"in.unknown_token": 3}


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!", "Bearer x", "Basic /w==", "Basic dXNlcg=="]
)
def test_it_answers_401_to_credentials_that_make_no_sense(header):
    answer = Client().post("/in/owntracks/", headers={"Authorization": header})
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Basic")


def test_it_ends_a_token_with_its_device_and_with_its_user():
    alice = somebody()
    paired, other = devices.pair(alice.pk, "One"), devices.pair(alice.pk, "Two")
    assert browser(alice).delete(f"/api/locations/devices/{paired.device.pk}/").status_code == 204
    assert browser(alice).delete(f"/api/locations/devices/{paired.device.pk}/").status_code == 404
    assert owntracks(paired.token, location()).status_code == 401
    assert owntracks(other.token, location()).status_code == 200
    alice.is_active = False
    alice.save()
    assert owntracks(other.token, location()).status_code == 401


def test_it_drops_what_the_phone_of_a_banned_user_says_and_has_it_forget():
    alice = somebody()
    token = devices.pair(alice.pk, "Phone").token
    bans.ban(alice, "Floods", until_ms=times.now_ms() + 3_600_000)
    said = owntracks(token, location())
    assert (said.status_code, said.content) == (200, b"[]")
    query = {"id": token, "lat": "1.5", "lon": "2.5"}
    assert Client().get("/in/traccar/", query).status_code == 200
    assert live.counts() == {"in.forbidden": 2}
    assert not engine().exists(functions.QUEUE, functions.GEO)
    bans.lift(alice)
    assert owntracks(token, location()).status_code == 200
    assert live.counts()["accepted"] == 1


def test_it_keeps_the_devices_of_others_out_of_reach():
    paired = devices.pair(somebody().pk, "Phone")
    bob = browser(somebody("Bob"))
    assert bob.get("/api/locations/devices/").json()["results"] == []
    assert bob.delete(f"/api/locations/devices/{paired.device.pk}/").status_code == 404


def test_it_pairs_ten_phones_and_no_more():
    user = somebody()
    for _ in range(9):
        devices.pair(user.pk, "Phone")
    alice = browser(user)
    assert alice.post("/api/locations/devices/").status_code == 201
    assert alice.post("/api/locations/devices/").json()["error"]["code"] == "forbidden"


def test_it_never_looks_at_cookies_here(django_assert_num_queries):
    token = devices.pair(somebody().pk, "Phone").token
    phone = Client(enforce_csrf_checks=True)
    phone.cookies["ringside_access"] = "x"
    phone.cookies["sessionid"] = "x"
    owntracks(token, location())
    with django_assert_num_queries(1):
        answer = phone.get("/in/traccar/", {"id": token, "lat": "1.5", "lon": "2.5"})
    assert answer.status_code == 200
    assert not answer.cookies and "Cookie" not in answer.get("Vary", "")


def test_it_takes_a_picture_along_and_drops_what_is_larger():
    token = devices.pair(somebody().pk, "Phone").token
    assert owntracks(token, location(image="A" * 100_000)).status_code == 200
    assert live.counts()["accepted"] == 1
    assert owntracks(token, location(image="A" * 1_000_000)).status_code == 200
    assert live.counts()["in.too_large"] == 1


def test_it_lets_a_phone_empty_its_buffer_and_then_asks_it_to_wait(refills_slowly):
    refills_slowly("device_fixes")
    token = devices.pair(somebody().pk, "Phone").token
    start_s = times.now_ms() // 1000 - 4_000
    answers = [owntracks(token, location(tst=start_s + n)).status_code for n in range(110)]
    assert answers[:100] == [200] * 100 and answers[-1] == 503
    assert live.counts()["in.too_fast"] == answers.count(503)


def test_it_asks_the_phone_to_keep_what_finds_no_room(monkeypatch):
    token = devices.pair(somebody().pk, "Phone").token
    monkeypatch.setattr(functions, "QUEUE_MAX", 0)
    answer = owntracks(token, location())
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
    assert live.counts() == {"in.busy": 1}
    assert not LocationFix.objects.exists()


def test_it_asks_the_phone_to_keep_everything_while_sql_is_away(monkeypatch):
    def away(_token: str) -> None:
        raise OperationalError

    monkeypatch.setattr(devices, "by_token", away)
    answer = owntracks("x", location())
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
    assert live.counts() == {"in.unavailable": 1}
