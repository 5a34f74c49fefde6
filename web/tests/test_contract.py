"""What the schema tells of the calls is what the server keeps to."""

from typing import Any

import pytest
from django.test import Client
from msgspec import UNSET

from rooms.api.rooms import RoomsQuery
from tests.promises.test_routes import API
from web.contract.descriptions import CALLS, call_of
from web.parsing import parse_query
from web.refusals import CODES

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def schema() -> dict[str, Any]:
    document: dict[str, Any] = Client().get("/api/schema/?format=json").json()
    return document


def operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, name): one for path, all_ in schema["paths"].items() for name, one in all_.items()
    }


def test_it_describes_every_method_of_every_call(schema: dict[str, Any]) -> None:
    views = [route.view.cls for route in API if not route.pattern.startswith("api/schema/")]
    for view in views:
        for method in METHODS:
            assert not hasattr(view, method) or call_of(view, method), (view, method)
    calls = [(v, m) for v in views for m in METHODS if hasattr(v, m)]
    told = [place for place in operations(schema) if place[0].startswith("/api/v1/")]
    assert len(told) == len(calls)


def test_it_names_every_shape_once(schema: dict[str, Any]) -> None:
    for name in schema["components"]["schemas"]:
        assert name.isalnum(), f"two shapes are called {name.rpartition('.')[2]}"


def test_it_tells_refusals_by_their_status_and_codes(schema: dict[str, Any]) -> None:
    bet = operations(schema)["/api/v1/markets/{market_id}/bets/", "post"]["responses"]
    assert {"200", "201", "400", "401", "403", "404", "409", "413", "415", "429", "503"} == set(bet)
    told = bet["409"]["content"]["application/json"]
    codes = told["schema"]["properties"]["error"]["properties"]["code"]["enum"]
    assert {"market_closed", "not_enough_coins", "key_reused"} <= set(codes)
    assert all(CODES[code][0] == 409 for code in codes)
    assert told["examples"]["frozen"]["value"]["error"]["code"] == "frozen"


def test_it_knows_every_code_that_a_call_names() -> None:
    for call in CALLS:
        assert set(call.refuses) <= CODES.keys()


def test_it_refuses_a_query_that_is_not_listed() -> None:
    for path in ("/api/rooms/?limit=1", "/api/rooms/?limit=", "/api/auth/csrf/?before=1"):
        answer = Client().get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed"), path
    assert Client().get("/api/rooms/?limit=1").json()["error"]["detail"]["field"] == "limit"
    # The sign-in comes first, as for bodies.
    assert Client().get("/api/me/bets/?limit=1").status_code == 401


def test_it_reads_figures_of_a_query() -> None:
    for name, text in (("lat", "91"), ("lat", "nan"), ("before", "-1"), ("before", "x")):
        answer = Client().get("/api/rooms/", {name: text})
        assert answer.json()["error"]["detail"]["field"] == name, text
    read = parse_query(Client().get("/", {"lat": "1.5", "lon": ""}).wsgi_request.GET, RoomsQuery)
    assert (read.lat, read.lon) == (1.5, UNSET)


def test_it_tells_who_is_not_signed_in_how_to() -> None:
    answer = Client().get("/api/auth/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_it_names_the_methods_that_a_path_has() -> None:
    answer = Client().put("/api/rooms/", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST", "HEAD", "OPTIONS"}


def test_it_refuses_what_is_no_json() -> None:
    answer = Client().post("/api/auth/token/", "email=ana", content_type="text/plain")
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_it_serves_every_call_with_the_version_too() -> None:
    for path in ("auth/csrf/", "rooms/", "schema/sockets/", "docs/"):
        assert Client().get(f"/api/v1/{path}").status_code == 200, path
        assert Client().get(f"/api/{path}").status_code == 200, path
    refused = Client().get("/api/v2/rooms/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


def test_it_tells_of_phones_too(schema: dict[str, Any]) -> None:
    told = operations(schema)["/in/owntracks/", "post"]
    assert told["security"] == [{"device": []}]
    assert schema["components"]["securitySchemes"]["device"]["scheme"] == "basic"


def test_it_leads_from_a_room_to_its_end(schema: dict[str, Any]) -> None:
    names = {one["operationId"] for one in operations(schema).values()}
    for path in ("/api/v1/rooms/", "/api/v1/rooms/{code}/markets/"):
        links = operations(schema)[path, "post"]["responses"]["201"]["links"]
        assert links.keys() <= names
    assert "markets_settle_post" in links
