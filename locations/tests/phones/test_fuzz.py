"""Whatever is posted: no error of ours, nothing believed, everything counted."""

import base64
import json
import random

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework.test import APIRequestFactory, force_authenticate

from locations import api, live
from locations.live import functions
from locations.models import LocationFix
from locations.phones import devices, intake
from locations.tests.people import engine, somebody, wire_fix

pytestmark = pytest.mark.django_db

SEED = 20_260_101
SAMPLE, ALL = 250, 100_000
ODD = [
    None, True, False, "", "x", "1", "NaN", "\u0000", "\U0001f600", [], {}, [[]], {"a": {}},
    0, -1, 1e308, -1e308, 91, -91, 181, 2**63, 2**64, -(2**70), 1.5, 10**400, "9" * 400, "1e999",
    "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
]  # fmt: skip
NONSENSE = [
    b"[" * 100_000, b'{"a":' * 5_000, b"1" * 1_000_000, b"[" + b"1," * 30_000 + b"1]",
    b"\xff\xfe\x00{", b"\xef\xbb\xbf{}", b"\x00" * 100, b"NaN", b"null", b'"', b"{}", b"[]",
    b"=&=&%zz%", b"&" * 1_000, b'{"_type":"location"',
]  # fmt: skip


def mangled(chance: random.Random, whole: dict) -> bytes:
    """A message that was right once."""
    turn = chance.randrange(5)
    if turn == 0:
        return chance.choice(NONSENSE)
    said = json.loads(json.dumps(whole))
    if turn == 1:
        body = json.dumps(said).encode()
        return body[: chance.randrange(len(body))]
    if turn == 2:
        body = bytearray(json.dumps(said).encode())
        body[chance.randrange(len(body))] = chance.randrange(256)
        return bytes(body)
    part = said
    while isinstance(part, dict) and (inner := [v for v in part.values() if isinstance(v, dict)]):
        part = chance.choice([part, *inner])
        if part not in inner:
            break
    part[chance.choice(list(part))] = chance.choice(ODD)
    encoding = "utf-16" if turn == 4 and chance.random() < 0.2 else "utf-8"
    return json.dumps(said).encode(encoding)


# Wrong twice, so that no single change makes them right.
OWNTRACKS = {"_type": "location", "lat": 91.5, "lon": 2.5, "tst": 1, "acc": 5, "vel": 3, "cog": 9}
TRACCAR = {
    "location": {
        "timestamp": "2014-01-01T00:00:00Z",
        "coords": {"latitude": 91.5, "longitude": 2.5, "accuracy": 5, "speed": 0, "heading": -1},
        "battery": {"level": 0.5},
        "mock": False,
    },
}


def amount(request: pytest.FixtureRequest) -> int:
    return ALL if request.config.getoption("--long") else SAMPLE


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("locations.phones.intake.limits.check", lambda *_: None)
    return devices.pair(somebody().pk, "Phone").token


def posted(view, path: str, body: bytes, coding: str, **headers: str) -> HttpResponse:
    """What a view answers to a body; straight, so that 100,000 of them take minutes."""
    request: HttpRequest = RequestFactory().generic(
        "POST", path, body, content_type=coding, headers=headers
    )
    return view(request)


def counted() -> int:
    """How many fixes, and reports without any, were counted by their reason."""
    return sum(n for word, n in live.counts().items() if "." not in word or word[:3] == "in.")


def nothing_believed() -> None:
    assert not engine().exists(functions.QUEUE, functions.GEO)
    assert not LocationFix.objects.exists()


@pytest.mark.parametrize("coding", ["application/json", "text/plain; charset=utf-16", ""])
def test_it_survives_whatever_is_posted_as_owntracks(request, token, coding):
    chance = random.Random(SEED)
    coded = base64.b64encode(f"x:{token}".encode()).decode()
    for _ in range(amount(request) // 3):
        body, basic = mangled(chance, OWNTRACKS), f"Basic {coded}"
        answer = posted(intake.take_owntracks, "/", body, coding, Authorization=basic)
        assert (answer.status_code, answer.content) == (200, b"[]")
    nothing_believed()
    assert counted() >= amount(request) // 3


@pytest.mark.parametrize("coding", ["application/json", "application/x-www-form-urlencoded"])
def test_it_survives_whatever_is_posted_as_traccar(request, token, coding):
    chance = random.Random(SEED + 1)
    for number in range(amount(request) // 2):
        body = mangled(chance, {"device_id": token, **TRACCAR})
        query = f"?id={token}" if number % 2 else f"?id={token}&lat={chance.choice(ODD[:20])}"
        query = "" if number % 7 == 0 else query
        answer = posted(intake.take_traccar, f"/{query}", body, coding)
        assert answer.status_code in (200, 401)
    nothing_believed()
    assert counted() >= amount(request) // 2


def test_it_survives_whatever_is_posted_as_a_report(request, monkeypatch):
    monkeypatch.setattr("locations.api.limits.check", lambda *_: None)
    chance, alice, view = random.Random(SEED + 2), somebody(), api.ReportView.as_view()
    whole = {"fixes": wire_fix(1, speed_mps=1, course_deg=2)}
    empty = 0
    for _ in range(amount(request)):
        body = mangled(chance, whole)
        body = body.replace(b'"fixes": {', b'"fixes": [{').replace(b"}}", b"}]}")
        asked = APIRequestFactory().generic("POST", "/", body, content_type="application/json")
        force_authenticate(asked, alice)
        answer = view(asked)
        assert answer.status_code in (200, 400, 413)
        if answer.status_code == 200:
            words = {result["status"] for result in answer.data["results"]}
            assert words <= {"refused"}
            empty += not words
    nothing_believed()
    assert counted() >= amount(request) - empty
