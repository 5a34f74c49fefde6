"""docs/protocol.md tells the truth: every message, every code, every close, with its example."""

import json
import re
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import msgspec
from django.conf import settings
from django.test import SimpleTestCase

from accounts.sockets.frames import encode, error_frame
from betting.tests.room_clients import RoomTestCase
from betting.wire import messages
from locations.messages import FixMessage
from rooms.messages import Notice, People
from web.close_codes import Close
from web.parsing import parse
from web.refusals import CODES, Refused

PAGE = (Path(settings.BASE_DIR) / "docs" / "protocol.md").read_text()
# A heading of four, prose, and the example.
_MESSAGES = re.compile(r"^#### `([^`]+)`\n(?:(?!#|```).*\n)*?```json\n([\s\S]*?)```", re.M)
_NAMED = re.compile(r"^```json (\w+)\n(.*?)```", re.M | re.S)


def examples(section: str) -> dict[str, Any]:
    """The examples under a heading, by message type."""
    text = PAGE.split(f"### {section}\n")[1].split("\n### ")[0]
    return {name: json.loads(example) for name, example in _MESSAGES.findall(text)}


def named(name: str) -> Any:
    """An example that is no message of a socket."""
    return json.loads(dict(_NAMED.findall(PAGE))[name])


def fields_of(shape: type[msgspec.Struct]) -> set[str]:
    """What a shape has on the wire."""
    fields = set(shape.__struct_encode_fields__)
    tag = shape.__struct_config__.tag
    return fields | {"type"} if tag else fields


def same_fields(shown: Any, real: Any, at: str = "") -> None:
    """Everything shown is real and everything real is shown; what is empty shows nothing."""
    if isinstance(shown, dict) and isinstance(real, dict) and shown and real:
        assert set(shown) == set(real), at
        for name, value in shown.items():
            same_fields(value, real[name], f"{at}.{name}")
    elif isinstance(shown, list) and isinstance(real, list) and shown and real:
        same_fields(shown[0], real[0], f"{at}[0]")


class ShapeTests(SimpleTestCase):
    def test_it_shows_every_message_of_a_client(self) -> None:
        shapes = {shape.__struct_config__.tag: shape for shape in get_args(messages.BettingMessage)}
        shown = examples("Client → server")
        assert set(shown) == set(shapes)
        for kind, example in shown.items():
            assert set(example) == fields_of(shapes[kind]), kind
            parse(json.dumps(example), messages.BettingMessage)  # type: ignore[arg-type]

    def test_it_shows_every_message_of_the_server(self) -> None:
        shapes = {shape.__struct_config__.tag: shape for shape in get_args(messages.BettingEvent)}
        shown = examples("Server → client")
        assert set(shown) == set(shapes)
        for kind, example in shown.items():
            assert set(example) == fields_of(shapes[kind]), kind
            # Of a market and of a room the page shows two fields here, and all of them elsewhere.
            if kind not in ("market", "room"):
                msgspec.convert(example, shapes[kind])
        assert set(shown["pools"]["outcomes"][0]) == fields_of(messages.OutcomeFigures)

    def test_it_shows_a_market_a_settlement_and_an_accepted_bet(self) -> None:
        market = named("market")
        assert set(market) == fields_of(messages.MarketBoard)
        assert set(market["outcomes"][0]) == fields_of(messages.OutcomeBoard)
        assert set(market["official"]) == fields_of(messages.Official)
        assert set(market["official"]["would_be"]) == fields_of(messages.WouldBe)
        assert set(market["mine"]) == fields_of(messages.Mine)
        assert set(named("accepted")) == fields_of(messages.Accepted)
        assert set(named("error")["error"]) == set(Refused("busy").as_json())

    def test_it_shows_what_a_phone_says(self) -> None:
        assert set(named("fix")) == fields_of(FixMessage)
        assert set(named("ack")) == {"type", "n", "status", "next_ms"}

    def test_it_shows_the_small_messages_of_a_room(self) -> None:
        shown = examples("Server → client")
        error = Refused("malformed", detail={"field": "stake"})
        frames = (encode(People(1)), encode(Notice("muted", "")), error_frame(error, None))
        for frame in frames:
            real = json.loads(frame)
            same_fields(shown[real["type"]], real)

    def test_it_lists_every_code_with_its_status(self) -> None:
        rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.M)
        assert {code: int(status) for code, status in rows} == {
            code: status for code, (status, _) in CODES.items()
        }

    def test_it_lists_every_close_code(self) -> None:
        listed = set(map(int, re.findall(r"^\| (\d{4}) \|", PAGE, re.M)))
        assert listed == set(Close)


class TrueTests(RoomTestCase):
    async def test_it_shows_what_is_really_told(self) -> None:
        shown = examples("Server → client")
        market = await self.market()
        red, _blue = await self.outcomes(market)
        client, welcome = await self.connect(self.ana)
        other_tab, _ = await self.connect(self.ana)
        welcome["markets"], told = [], welcome["markets"]
        same_fields(shown["welcome"], welcome)
        same_fields({k: v for k, v in named("market").items() if k != "mine"}, told[0])
        bet_id = str(uuid4())
        same_fields(shown["bet.accepted"], await client.bet(market, red, 10, bet_id=bet_id))
        same_fields(shown["bet.refused"], await client.bet(market, red, 5000))
        for kind in ("pools", "wallet"):
            same_fields(shown[kind], await other_tab.hear(kind))
        await other_tab.leave()
        await client.say({"type": "ping", "t": 17})
        same_fields(shown["pong"], await client.hear("pong"))
        await client.say({"type": "chat.say", "text": "Go!"})
        same_fields(shown["chat"], await client.hear("chat"))
        await client.leave()
        told = {"welcome", "bet.accepted", "bet.refused", "pools", "wallet", "pong", "chat"}
        assert set(shown) == told | {
            "market", "people", "room", "notice", "error", "chat.gone", "renamed",
            "drafts", "coming",
        }  # fmt: skip

    async def test_it_shows_a_settlement_as_it_is(self) -> None:
        market = await self.market()
        red, blue = await self.outcomes(market)
        for user, outcome in ((self.ana, red), (self.bo, blue)):
            client, _ = await self.connect(user)
            await client.bet(market, outcome, 10)
            await client.leave()
        settled = await self.act(self.settled, market.pk, red)
        same_fields(named("settlement"), settled.settlement)
