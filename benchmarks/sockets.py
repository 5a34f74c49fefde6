"""The load: sockets that treat every side alike, in one process, through picows.

A side differs by its dialect alone: what stands before and after a message on its wire.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

# It tells of every connection otherwise.
logging.getLogger("picows").setLevel(logging.WARNING)

PATIENCE_S = 120
COMES_BACK_S = 0.5
TURNED_AWAY_MAX = 100
# A message begins with {"type":" on every side; these letters tell its kind.
KIND_AT, KIND_LENGTH = 9, 6
# What is heard in place of a kind when the connection has ended.
CLOSED = b"closed"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a side frames a message."""

    before: bytes = b""
    after: bytes = b""
    # socket.io: the greeting below the messages, and its own pings.
    greets_first: bool = False

    def frame(self, message: dict[str, Any]) -> bytes:
        return self.before + json.dumps(message, separators=(",", ":")).encode() + self.after


PLAIN = Dialect()
SOCKET_IO = Dialect(b'42["m",', b"]", greets_first=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who connects: where to, and what proves who they are."""

    url: str
    headers: dict[str, str]
    # What they bet on: the market and one of its outcomes.
    bet: tuple[int, int] = (0, 0)


Hear = Callable[["Socket", bytes, bytes], None]


class Socket(WSListener):  # type: ignore[misc]
    """One person's connection; `hear` gets each message with the first letters of its kind."""

    def __init__(self, dialect: Dialect, person: Person) -> None:
        super().__init__()
        self.dialect, self.person = dialect, person
        self.hear: Hear = ignore
        self.frames = 0
        self.is_open = False
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport
        self._kind_at = len(dialect.before) + KIND_AT
        self._hello = dialect.frame({"type": "hello"})

    def say(self, frame: bytes) -> None:
        """Send what `dialect.frame` made."""
        self.transport.send(WSMsgType.TEXT, frame)

    def stall(self) -> None:
        """Read nothing from now on."""
        self.transport.underlying_transport.pause_reading()

    def close(self) -> None:
        """Hang up."""
        self.hear = ignore
        self.transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport, self.is_open = transport, True
        if not self.dialect.greets_first:
            self.say(self._hello)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            self._leave(frame)
            return
        payload = frame.get_payload_as_bytes()
        if self.dialect.greets_first and not payload.startswith(self.dialect.before):
            self._greet(payload)
            return
        self.frames += 1
        kind = payload[self._kind_at : self._kind_at + KIND_LENGTH]
        if kind == b"welcom" and not self.welcomed.done():
            self.welcomed.set_result(None)
        self.hear(self, kind, payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_open = False
        self._fail("hung up")
        self.hear(self, CLOSED, b"")

    def _leave(self, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self._fail(f"closed {frame.get_close_code()}")
            self.transport.disconnect(graceful=False)

    def _fail(self, why: str) -> None:
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError(why))

    def _greet(self, payload: bytes) -> None:
        if payload.startswith(b"0"):
            self.say(b"40")
        elif payload.startswith(b"40"):
            self.say(self._hello)
        elif payload == b"2":
            self.say(b"3")


def ignore(socket: Socket, kind: bytes, payload: bytes) -> None:
    """Hear nothing."""


async def connect(dialect: Dialect, person: Person) -> Socket:
    """Open a socket and wait for its welcome. Raises ConnectionError or picows' WSError."""
    socket: Socket | None
    _transport, socket = await ws_connect(
        lambda: Socket(dialect, person), person.url, extra_headers=person.headers,
        websocket_handshake_timeout=PATIENCE_S,
    )  # fmt: skip
    # There is none where the other side hung up within the handshake.
    if socket is None:
        raise ConnectionError("hung up at once")
    await asyncio.wait_for(socket.welcomed, PATIENCE_S)
    return socket


async def come_in(dialect: Dialect, person: Person, turned_away: list[str]) -> Socket:
    """As `connect`, and come back when turned away, as every client does; why is noted."""
    while True:
        try:
            return await connect(dialect, person)
        except (ConnectionError, WSError) as why:
            turned_away.append(f"{why}")
            if len(turned_away) > TURNED_AWAY_MAX:
                raise
            await asyncio.sleep(COMES_BACK_S)


async def connect_all(
    dialect: Dialect,
    people: list[Person],
    *,
    at_once: int = 32,
    delays_s: list[float] | None = None,
    turned_away: list[str] | None = None,
) -> list[Socket]:
    """Open a socket for each, so many at a time."""
    turned_away = [] if turned_away is None else turned_away
    loop, opened, coming = asyncio.get_running_loop(), [], iter(people)

    async def go_on() -> None:
        for person in coming:
            began_s = loop.time()
            opened.append(await come_in(dialect, person, turned_away))
            if delays_s is not None:
                delays_s.append(loop.time() - began_s)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(go_on())
    return opened
