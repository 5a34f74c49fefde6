"""What a house writes about itself opens no door and tells no place, not even told to say all.

One person does everything that carries a secret; then every log of the house is read.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.servers import House, house_in

pytestmark = pytest.mark.server

# Where Noor is; a log that holds one of them says where she was.
LAT, LON = "48.137154", "11.576124"
EMAIL, PASSWORD, NEXT_PASSWORD = "noor@example.org", "correct horse battery", "staple every hour"


@pytest.fixture(params=["INFO", "DEBUG"])
def talking_house(request: pytest.FixtureRequest) -> Iterator[House]:
    """A house that says as much as the level asks for."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="100", LOG_LEVEL=request.param) as made,
    ):
        yield made


class Person:
    """A client that keeps every secret it was given or gave."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.http = httpx.Client(base_url=house.url, headers={"Origin": house.url}, timeout=10)
        self.secrets = {PASSWORD, NEXT_PASSWORD}
        self.ask("GET", "csrf/")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask under /api/auth/; every cookie and token of the answer is kept."""
        csrf = self.http.cookies.get("csrftoken") or ""
        answer = self.http.request(
            method, f"/api/auth/{path}", json=body, headers={"X-CSRFToken": csrf, **headers}
        )
        assert answer.is_success, (path, answer.text)
        self.secrets |= set(self.http.cookies.values())
        said = answer.json() if answer.content else {}
        self.secrets |= {said[name] for name in ("access", "refresh", "ticket") if said.get(name)}
        return said

    def log_in_for_tokens(self, password: str) -> dict[str, str]:
        """Bearer tokens, as another program gets them."""
        said = self.ask("POST", "token/", {"email": EMAIL, "password": password})
        return {"Authorization": f"Bearer {said['access']}", "refresh": said["refresh"]}

    def report_where_they_are(self, bearer: dict[str, str]) -> None:
        """Once in each of the ways in, good and bad: to the API, and as two phone apps do."""
        device = self.http.post("/api/locations/devices/", json={}, headers=bearer).json()
        self.secrets |= {device["token"], LAT, LON}
        fix = {"fix_ms": int(time.time() * 1000), "lat": float(LAT), "lon": float(LON)}
        for more in ({"accuracy_m": 5}, {"accuracy_m": "wide"}):
            self.http.post("/api/locations/", json={"fixes": [fix | more]}, headers=bearer)
        said = {"id": device["token"], "lat": LAT, "lon": LON, "timestamp": int(time.time())}
        assert self.http.get("/in/traccar/", params=said).is_success
        self.http.get("/in/traccar/", params=said | {"lat": f"{LAT}x"})
        path = f"/in/traccar/{device['token']}/"
        assert self.http.get(path, params={"lat": LAT, "lon": LON}).is_success
        assert self.http.delete(path).status_code == 405
        told = {"_type": "location", "lat": float(LAT), "lon": float(LON), "tst": said["timestamp"]}
        door = httpx.BasicAuth("noor", device["token"])
        assert self.http.post("/in/owntracks/", json=told, auth=door).is_success

    async def sit(self, code: str, **options: Any) -> str | None:
        """Open a socket until it says welcome; answers the chosen subprotocol."""
        url = f"{self.house.ws_url}/ws/rooms/{code}/"
        async with connect(url, origin=self.house.url, **options) as socket:  # type: ignore[arg-type]
            await socket.send('{"type": "hello"}')
            while json.loads(await socket.recv())["type"] != "welcome":
                pass
            return socket.subprotocol


def live_through_everything(house: House) -> set[str]:
    """Guest, account, log-in, tokens, three kinds of sockets, refreshes, other password, end."""
    person = Person(house)
    person.ask("POST", "guest/", {"nickname": "Noor"})
    room = {"title": "Snail Derby", "visibility": "public"}
    csrf = {"X-CSRFToken": person.http.cookies["csrftoken"]}
    code = person.http.post("/api/rooms/", json=room, headers=csrf).json()["code"]
    account = {"email": EMAIL, "nickname": "Noor", "password": PASSWORD}
    person.ask("POST", "register/", account)
    person.ask("POST", "login/", {"email": EMAIL, "password": PASSWORD})
    person.ask("POST", "refresh/")
    jar = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
    assert asyncio.run(person.sit(code, additional_headers={"Cookie": jar})) is None
    tokens = person.log_in_for_tokens(PASSWORD)
    bearer = {"Authorization": tokens["Authorization"]}
    asyncio.run(person.sit(code, additional_headers=bearer))
    ticket = person.ask("POST", "ticket/", **bearer)["ticket"]
    named = ["ringside.v1", f"ticket.{ticket}"]
    assert asyncio.run(person.sit(code, subprotocols=named)) == "ringside.v1"
    person.report_where_they_are(bearer)
    person.ask("POST", "token/refresh/", {"refresh": tokens["refresh"]})
    person.ask("POST", "password/", {"current": PASSWORD, "new": NEXT_PASSWORD})
    person.ask("POST", "logout/")
    return person.secrets - {"", '""'}


def test_it_writes_no_secret_into_any_log(talking_house: House) -> None:
    house = talking_house
    secrets = live_through_everything(house)
    assert len(secrets) >= 17, "Not every step gave a secret."
    secrets |= {secret.rpartition(".")[2] for secret in secrets if secret.count(".") == 2}
    logs = [path for path in (house.data_dir / "logs").rglob("*") if path.is_file()]
    assert house.stop() == 0
    written = {path: path.read_text(errors="replace") for path in [house.log, *logs]}
    assert sum("/api/auth/login/" in text for text in written.values()) == 1
    # Everything that came in has a name, so that a complaint can be looked up.
    lines = [line for text in written.values() for line in text.splitlines() if line[:1] == "{"]
    requests = [line for line in map(json.loads, lines) if line["event"] == "request"]
    assert len(requests) > 10
    assert all(line["request_id"] for line in requests)
    for path, text in written.items():
        told = [secret for secret in secrets if secret in text]
        assert not told, f"{path.name} holds {told}"
