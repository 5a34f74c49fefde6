"""Frames of text, read past the general parser: what is heard and answered is the same."""

import asyncio
from typing import Any

import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState
from websockets.frames import Close, Frame, Opcode

from web.asgi_types import Receive, Scope, Send
from web.server.text_frames import text_frame
from web.server.websockets import SLICE_BYTES, SocketProtocol

FRAME_BYTES_MAX = 400
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
# Far more turns of the loop than anything here takes.
TURNS = 100


class GeneralProtocol(SocketProtocol):
    """A protocol that leaves everything to the general parser."""

    def _hear_texts(self, part: bytes) -> bool:
        return False


class Transport(asyncio.Transport):
    """Keeps what is written, and how often reading was paused."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.pauses = 0
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.pauses += 1

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed


class Heard:
    """An application that notes what it hears, and closes on the word `close`."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        is_closed = False
        while True:
            event = await receive()
            # As all of ours it hears nothing after its close.
            if not is_closed or event["type"] == "websocket.disconnect":
                self.events.append(event)
            if event["type"] == "websocket.disconnect":
                return
            if event.get("text") == "close" and not is_closed:
                is_closed = True
                await send({"type": "websocket.close", "code": 4001})


async def _hear(kind: type[SocketProtocol], pieces: list[bytes]) -> tuple[Heard, Transport]:
    """Let a socket of a kind read the pieces, each in turns of its own, and hang up."""
    heard, transport = Heard(), Transport()
    config = uvicorn.Config(
        heard, lifespan="off", log_config=None, ws_max_size=FRAME_BYTES_MAX,  # type: ignore[arg-type]
        ws_per_message_deflate=False, ws_ping_interval=None,
    )  # fmt: skip
    protocol = kind(config, ServerState(), {})
    protocol.connection_made(transport)
    for piece in [HANDSHAKE, *pieces]:
        if not transport.is_closed:
            protocol.data_received(piece)
        for _ in range(TURNS // 10):
            await asyncio.sleep(0)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    for _ in range(TURNS // 10):
        await asyncio.sleep(0)
    return heard, transport


def _frame(opcode: Opcode, payload: bytes, fin: bool = True) -> bytes:
    # Not `serialize`: also what it would refuse is sent.
    head = bytes([(0x80 if fin else 0) | opcode])
    length = len(payload)
    told = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    mask = b"\x01\x82\x03\xff"
    return head + told + mask + bytes(b ^ mask[at % 4] for at, b in enumerate(payload))


_texts = st.one_of(st.text(max_size=30), st.text(max_size=300), st.just("close"))
_payloads = st.one_of(_texts.map(str.encode), st.binary(max_size=130))
_frames = st.one_of(
    _texts.map(lambda text: _frame(Opcode.TEXT, text.encode())),
    st.builds(_frame, st.sampled_from([*Opcode]), _payloads, st.booleans()),
    st.builds(lambda code: _frame(Opcode.CLOSE, Close(code, "").serialize()),
              st.sampled_from([1000, 1001, 3000, 4999])),
    # A length in more bytes than it needs, an unmasked frame, a reserved bit, and anything.
    st.just(b"\x81\xfe\x00\x02\x00\x00\x00\x00hi"),
    st.just(b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00hi"),
    st.just(b"\x81\x02hi"), st.just(b"\xc1\x82\x00\x00\x00\x00hi"), st.binary(max_size=10),
)  # fmt: skip


@st.composite
def _streams(draw: st.DrawFn) -> list[bytes]:
    whole = b"".join(draw(st.lists(_frames, max_size=12)))
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]


# Nothing of it depends on how fast the machine draws an example.
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_streams())
def test_it_hears_and_answers_the_same_however_a_stream_is_cut(pieces: list[bytes]) -> None:
    heard, transport = asyncio.run(_hear(SocketProtocol, pieces))
    expected, general = asyncio.run(_hear(GeneralProtocol, pieces))
    assert heard.events == expected.events
    assert transport.written == general.written
    assert transport.is_closed == general.is_closed


async def test_it_reads_on_while_a_message_is_answered() -> None:
    bet = _frame(Opcode.TEXT, b"x" * (SLICE_BYTES // 2))
    heard, transport = await _hear(SocketProtocol, [bet, bet])
    assert [event.get("text") for event in heard.events[:2]] == ["x" * (SLICE_BYTES // 2)] * 2
    assert transport.pauses == 0


@given(st.one_of(st.text(max_size=200), st.integers(0, 70_000).map(lambda size: "x" * size)))
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_makes_the_frames_that_the_library_makes(text: str) -> None:
    assert text_frame(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
