"""/api/schema/sockets/ is AsyncAPI 3, and tells the truth about every frame of an evening."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from asyncapi3.models.asyncapi import AsyncAPI3
from django.test import Client, override_settings
from jsonschema import Draft202012Validator

from config.asgi import application
from simulation.player import Player, PlayerRefused, RoomClient
from tests.evenings import Evening
from tests.promises import local_servers
from web.asgi_types import Receive, Scope, Send
from web.server.wire import WIRE, Wire, Write
from web.times import now_ms

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 60.0
NONSENSE = '{"type": "nonsense"}'
# What follows the second byte of a frame's head where the length does not fit in that.
LENGTH_BYTES = {126: 2, 127: 8}


@pytest.fixture
def schema() -> dict[str, Any]:
    answer = Client().get("/api/schema/sockets/")
    assert answer["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


class NotedWire(Wire):
    """A wire on which every frame is noted."""

    def __init__(self, wire: Wire, note: Write) -> None:
        self._wire, self._note = wire, note

    @property
    def write(self) -> Write | None:  # type: ignore[override]
        return self._write if self._wire.write else None

    def _write(self, frame: bytes) -> None:
        assert self._wire.write
        self._wire.write(frame)
        self._note(frame)

    def free(self, is_free: bool) -> None:
        self._wire.free(is_free)


class Recorder:
    """The application, and every frame of its sockets: (path, receive or send, text)."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Any:
            event = await receive()
            self._note(scope, "receive", event)
            return event

        async def tell(event: Any) -> None:
            self._note(scope, "send", event)
            await send(event)

        await application(self._heard(scope), hear, tell)

    def _heard(self, scope: Scope) -> Scope:
        """A scope in which frames that are written at once are noted, too."""
        wire = scope.get("extensions", {}).get(WIRE)
        if wire is None:
            return scope

        def note(frame: bytes) -> None:
            text = frame[2 + LENGTH_BYTES.get(frame[1], 0) :].decode()
            self._note(scope, "send", {"type": "websocket.send", "text": text})

        return {**scope, "extensions": {**scope["extensions"], WIRE: NotedWire(wire, note)}}

    def _note(self, scope: Scope, action: str, event: Any) -> None:
        if event["type"] in ("websocket.receive", "websocket.send"):
            self.frames.append((scope["path"], action, event["text"]))

    async def hear_all(self, messages: Collection[tuple[str, str, str]]) -> None:
        """Wait until each of these was seen, and nothing else."""
        until_s = time.monotonic() + WAIT_S
        while self.seen() != messages:
            assert time.monotonic() < until_s, self.seen() ^ set(messages)
            await asyncio.sleep(0.1)

    def seen(self) -> set[tuple[str, str, str]]:
        """Which messages went which way, by the name of the channel."""
        return {
            (path.split("/")[2], action, json.loads(text)["type"])
            for path, action, text in self.frames
            if text != NONSENSE
        }


def messages_of(schema: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    """The schema of each message by its channel, the way it goes and its type."""
    found = {}
    for operation in schema["operations"].values():
        channel = operation["channel"]["$ref"].rpartition("/")[2]
        for reference in operation["messages"]:
            message = resolved(schema, resolved(schema, reference["$ref"])["$ref"])
            found[channel, operation["action"], message["name"]] = message["payload"]["$ref"]
    return found


def resolved(schema: dict[str, Any], reference: str) -> Any:
    """What a reference inside the document leads to."""
    part: Any = schema
    for name in reference.removeprefix("#/").split("/"):
        part = part[name]
    return part


def references(part: Any) -> list[str]:
    """Every reference of a document."""
    if isinstance(part, list):
        return [each for one in part for each in references(one)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [each for one in part.values() for each in references(one)]


def test_it_is_a_document_of_asyncapi_3(schema: dict[str, Any]) -> None:
    AsyncAPI3.model_validate(schema)
    for payload in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(payload)
    assert references(schema)
    for reference in references(schema):
        resolved(schema, reference)
    addresses = {channel["address"] for channel in schema["channels"].values()}
    assert addresses == {"/ws/rooms/{code}/", "/ws/screens/{code}/", "/ws/locations/"}


@pytest.mark.server
async def test_it_describes_every_frame_of_an_evening(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(local_servers, "application", recorder)
    known = messages_of(schema)
    with local_servers.application_server() as port:
        url = f"http://127.0.0.1:{port}"
        with override_settings(SOCKET_ORIGINS=frozenset({url}), CSRF_TRUSTED_ORIGINS=[url]):
            async with Evening(url) as evening, screen(evening) as hall:
                for message in ('{"type": "hello"}', '{"type": "ping", "t": 17}', NONSENSE):
                    await hall.send(message)
                await play(evening)
                # A screen is given notice of the bank's memory alone.
                await recorder.hear_all(known.keys() - {("screens", "send", "notice")})
    for path, action, text in recorder.frames:
        if text == NONSENSE:
            continue
        frame = json.loads(text)
        reference = known[path.split("/")[2], action, frame["type"]]
        shape = {"$ref": reference, "components": schema["components"]}
        Draft202012Validator(shape).validate(frame)


async def play(evening: Evening) -> None:
    """Everything that sockets can hear and tell, once at least."""
    ana, bo = await evening.player(), await evening.player()
    await evening.client(ana.player)
    await evening.client(evening.host)
    await evening.ask(open=False)
    market = await evening.ask()
    await ana.bet(market.id, market.outcomes[0].id, 100)
    await bo.bet(market.id, market.outcomes[1].id, 50)
    with pytest.raises(PlayerRefused, match="not_enough_coins"):
        await bo.bet(market.id, market.outcomes[1].id, 5000, str(uuid.uuid4()))
    await ana.say("Go!")
    for text in ('{"type": "ping", "t": 17}', NONSENSE):
        await raw(ana).send(text)
    await evening.finish(market, 0)
    room = f"rooms/{evening.room.code}/"
    await evening.host.call("PATCH", room, {"title": "Still an evening"})
    [line] = (await evening.host.call("GET", f"{room}chat/"))["results"]
    await evening.host.call("DELETE", f"{room}chat/{line['id']}/")
    await bo.player.call("PATCH", "auth/me/", {"nickname": "Boris"})
    mute = {"action": "mute", "minutes": 5}
    await evening.host.call("POST", f"{room}members/{bo.player.person.id}/", mute)
    async with positions(ana.player) as socket:
        fix = {"type": "fix", "n": 1, "fix_ms": now_ms(), "lat": 50.9, "lon": 6.9}
        for message in (json.dumps(fix | {"accuracy_m": 8.5}), '{"type": "ping"}', NONSENSE):
            await socket.send(message)
            await socket.recv()


def raw(client: RoomClient) -> websockets.ClientConnection:
    """The socket under a client."""
    assert client._socket is not None
    return client._socket


@asynccontextmanager
async def screen(evening: Evening) -> AsyncIterator[websockets.ClientConnection]:
    """A big screen in the room."""
    url = f"{evening.url.replace('http', 'ws', 1)}/ws/screens/{evening.room.code}/"
    offers = [websockets.Subprotocol(name) for name in ("ringside.v1", "screen")]
    async with websockets.connect(url, subprotocols=offers, proxy=None) as socket:
        yield socket


@asynccontextmanager
async def positions(player: Player) -> AsyncIterator[websockets.ClientConnection]:
    """A player's socket of positions."""
    cookie = "; ".join(f"{each.name}={each.value}" for each in player.http.cookies.jar)
    url = player.url.replace("http", "ws", 1) + "/ws/locations/"
    async with websockets.connect(
        url, origin=websockets.Origin(player.url), additional_headers={"Cookie": cookie}, proxy=None
    ) as socket:
        yield socket
