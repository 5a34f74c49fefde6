"""No position is lost whose place and time a careful reader could still tell, however sent."""

import json
import random
from itertools import count
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import RequestFactory

from locations import live
from locations.phones import devices, intake
from locations.tests.people import somebody
from locations.tests.phones import mutations
from locations.tests.phones.mutations import Body, Place
from locations.tests.phones.test_dialects import OWNTRACKS, TRACCAR
from web import times

pytestmark = pytest.mark.django_db

SEED = 20_261_201
SAMPLE, ALL = 1_500, 100_000
WEEK_MS = 6 * 86_400_000


def told(lines: list[dict]) -> list[dict]:
    """Recorded requests that tell positions."""
    return [line for line in lines if line["expect"]["class"] in ("position", "batch")]


def objects(lines: list[dict]) -> list[dict]:
    found = []
    for line in told(lines):
        if line["request"]["body"][:1] in ("{", "["):
            said = json.loads(line["request"]["body"])
            found += said if isinstance(said, list) else [said]
    return found


MESSAGES = [each for each in objects(OWNTRACKS) if len(str(each)) < 3_000]
COORDS = [each["location"] for each in objects(TRACCAR)]
QUERIES = [
    parse_qsl(urlsplit(line["request"]["path"]).query or line["request"]["body"])
    for line in told(TRACCAR)
    if line["request"]["body"][:1] not in ("{", "[")
]


class Maker:
    """Makes requests, each with places and times that were never used before."""

    def __init__(self, seed: int, now_ms: int) -> None:
        self._chance = random.Random(seed)
        self._times = count((now_ms - WEEK_MS) // 1000)

    def make(self, token: str) -> Body:
        """A request and what it must leave behind."""
        chance = self._chance
        make = chance.choice([self._json, self._json, self._fields])
        return mutations.sent(chance, make(), token)

    def _place(self) -> Place:
        chance = self._chance
        return (
            chance.randrange(-85 * 10**7, 85 * 10**7) | 1,
            chance.randrange(-179 * 10**7, 179 * 10**7) | 1,
            next(self._times) * 1_000,
        )

    def _json(self) -> Body:
        chance = self._chance
        way = chance.randrange(3)
        count = chance.choice([1, 1, 2, 5])
        reports = []
        for _ in range(count):
            if way == 0:
                reports.append(mutations.owntracks(chance, chance.choice(MESSAGES), self._place()))
            elif way == 1:
                reports.append(mutations.coordinates(chance, chance.choice(COORDS), self._place()))
            else:
                reports.append(mutations.feature(chance, self._place()))
        said = mutations.wrapped(chance, [report.said for report in reports])
        made = Body({report.kept for report in reports if report.kept}, made_by=[f"json {way}"])
        made.body = mutations.as_json(chance, said)
        return made

    def _fields(self) -> Body:
        chance = self._chance
        place = self._place()
        found, is_kept = mutations.pairs(chance, chance.choice(QUERIES), place)
        made = Body({place} if is_kept else set(), made_by=["fields"])
        way = chance.randrange(3)
        if way == 0:
            made.query = mutations.encoded(chance, found)
        elif way == 1:
            made.body = mutations.encoded(chance, found).encode()
        else:
            made.body, made.headers["Content-Type"] = mutations.in_parts(found)
        return made


def amount(request: pytest.FixtureRequest) -> int:
    return ALL if request.config.getoption("--long") else SAMPLE


def post(made: Body, number: int) -> int:
    view = intake.take_owntracks if number % 2 else intake.take_traccar
    headers = {k: v for k, v in made.headers.items() if k != "Content-Type"}
    asked = RequestFactory().generic(
        "POST", f"/?{made.query}", made.body,
        content_type=made.headers["Content-Type"], headers=headers,
    )  # fmt: skip
    return view(asked, path=made.path).status_code


def left() -> set[Place]:
    """Everything on its way to history, which is then forgotten."""
    entries = live.waiting(10_000)
    if entries:
        live.written(entries[-1][0])
    return {(fix.lat_e7, fix.lon_e7, fix.fix_ms) for _id, _user, fix in entries}


def test_it_keeps_every_position_that_a_careful_reader_could_tell(request, monkeypatch):
    monkeypatch.setattr("locations.phones.intake.limits.check", lambda *_: None)
    token = devices.pair(somebody().pk, "Phone").token
    maker, kept = Maker(SEED, times.now_ms()), 0
    for number in range(amount(request)):
        made = maker.make(token)
        status = post(made, number)
        assert (status, left()) == (200, made.kept), (number, made)
        kept += len(made.kept)
    assert kept > amount(request)
