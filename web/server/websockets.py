"""What the web server does differently for our sockets: no client's frames hold up another's.

uvicorn parses all that was read from a socket in one go, thousands of small frames, and goes on
reading after it has sent a close. Here a socket has its turn in slices, and what a client sends
after the close is not read. uvicorn also writes nothing more to a reader that is blocked, not
even the close, and then waits for ever for what it has buffered; here the close goes behind what
is buffered, and a peer that does not take it is cut off.

Whole small text frames are read without the general parser, and without pausing the connection
for each. A frame for many readers is made once and written straight to each that takes it; one
timer for a whole event loop pings them.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets import http11
from websockets.frames import Frame, Opcode

from web.server.http import HEAD_BYTES_MAX, refusal
from web.server.pings import Pinged, pings
from web.server.single_waiter import Flag, Inbox
from web.server.text_frames import is_between_frames, read_texts
from web.server.wire import WIRE, Wire

# Longer lines of a head than the library takes come to the handshake, which says what is wrong.
# Without this the library drops them, and nobody is answered.
http11.MAX_LINE_LENGTH = HEAD_BYTES_MAX + 1024

# As long as uvicorn waits for the answer to a close, and then a little.
CUT_AFTER_S = 15.0
# One turn of a socket: a bet and its frame fit in, or ten of the smallest messages.
SLICE_BYTES = 256
# What may be on its way when a close is sent. A client that sends more had time to read the close.
LATE_BYTES_MAX = 4096
LINGER_S = 3.0
UNREADABLE = "The headers of this handshake cannot be read, or are too many."
PING = b"ping"
_PING_FRAME = Frame(Opcode.PING, PING).serialize(mask=False)


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, with fair turns and an end to every connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = cast("asyncio.Queue[Any]", Inbox())
        self.writable = cast(asyncio.Event, Flag(is_set=True))
        self._unread = bytearray()
        self._turn: asyncio.Handle | None = None
        self._late_bytes = 0
        self._cut: asyncio.TimerHandle | None = None
        self._pinged: set[Pinged] = set()
        self._wire = Wire()

    def handle_connect(self, event: Any) -> None:
        """Begin the handshake; the application may write without waiting."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WIRE] = self._wire

    def pause_writing(self) -> None:
        """Let frames wait: the peer takes nothing for now."""
        super().pause_writing()
        self._wire.connect(None)

    def resume_writing(self) -> None:
        """Write again."""
        super().resume_writing()
        self._wire.connect(self.transport.write)

    def data_received(self, data: bytes) -> None:
        """Take what was read; beyond the first slice it is parsed in later turns of the loop."""
        self._unread += data
        if self._turn is None and self._is_heard:
            self._parse_slice()
        if self._unread and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    async def receive(self) -> Any:
        """The next event for the application; what is read next is parsed when it has them all."""
        message = await self.queue.get()
        if self.queue.empty():
            self._read_on()
        return message

    def _parse_slice(self) -> None:
        self._turn = None
        if self.close_sent and self._is_too_late():
            return
        part = bytes(self._unread[:SLICE_BYTES])
        del self._unread[:SLICE_BYTES]
        if not self._hear_texts(part):
            super().data_received(part)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_head()
        if self.transport.is_closing():
            self._unread.clear()
        elif self._is_heard:
            self._read_on()

    def _hear_texts(self, part: bytes) -> bool:
        """Hear whole text frames; False, and nothing is heard, where there is anything else.

        The connection is not paused: what comes while the application is at work is not parsed,
        and pauses it then.
        """
        is_open = self.handshake_complete and not self.close_sent
        if not is_open or not is_between_frames(self.conn):
            return False
        texts = read_texts(part, self.config.ws_max_size)
        for text in texts:
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
        return bool(texts)

    def _refuse_head(self) -> None:
        """Answer a head that the library takes for none; uvicorn would leave it unanswered."""
        self._unread.clear()
        self.logger.warning("A handshake was refused: %s", self.conn.handshake_exc)
        self.transport.write(refusal(UNREADABLE, "400 Bad Request"))
        self.transport.close()

    @property
    def _is_heard(self) -> bool:
        # After the close the application takes no events; only the peer's own close is waited for.
        return self.queue.empty() or self.close_sent

    def _read_on(self) -> None:
        if self._unread:
            if self._turn is None:
                self._turn = self.loop.call_soon(self._parse_slice)
        elif self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    def _is_too_late(self) -> bool:
        """Whether a peer sends so much after the close that nothing more of it is read."""
        self._late_bytes += min(len(self._unread), SLICE_BYTES)
        if self._late_bytes <= LATE_BYTES_MAX:
            return False
        self._unread.clear()
        self.read_paused = True
        self.transport.pause_reading()
        self._cut_soon(LINGER_S)
        return True

    async def send(self, message: Any) -> None:
        """Send an ASGI message; a close goes out at once."""
        is_close = message["type"] == "websocket.close" and self.handshake_complete
        if is_close:
            self.writable.set()
            self._cut_soon(CUT_AFTER_S)
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._wire.connect(self.transport.write)
            self._forget_head()
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # To uvicorn a handshake that was answered by a refusal had no answer.
            self.handshake_complete = True
        if is_close and self._unread:
            self._read_on()

    def _forget_head(self) -> None:
        """Keep no headers: they would be a quarter of what an idle socket takes."""
        self.request.headers.clear()
        self.response.headers.clear()
        # Each layer of the application has a scope of its own, with this one list.
        cast(list[Any], self.scope["headers"]).clear()

    def schedule_ping(self) -> None:
        """Take part in the pings of all sockets, which need no timer of its own."""
        assert self.ping_interval
        self._pinged = pings(self.ping_interval).add(self)

    def stop_keepalive(self) -> None:
        """Be pinged no more."""
        super().stop_keepalive()
        self._pinged.discard(self)

    def ping(self) -> None:
        """Ask the peer whether it is there; end a connection whose peer was silent since."""
        if self.close_sent or self.transport.is_closing():
            return
        if self.pending_ping_payload is None:
            self.pending_ping_payload = PING
            self.transport.write(_PING_FRAME)
            return
        self.keepalive_timeout()
        self._cut_soon(CUT_AFTER_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what was not parsed yet."""
        self._unread.clear()
        for ahead in (self._turn, self._cut):
            if ahead:
                ahead.cancel()
        super().connection_lost(exc)
        # What refers to itself would wait for a whole collection, which is rare.
        self._wire.connect(None)
        self.conn.parser.close()

    def _cut_soon(self, after_s: float) -> None:
        if self._cut is None or self._cut.when() > self.loop.time() + after_s:
            if self._cut:
                self._cut.cancel()
            self._cut = self.loop.call_later(after_s, self.transport.abort)
