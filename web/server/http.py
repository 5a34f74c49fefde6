"""What the web server does differently for requests: heads are bounded in size, time and number.

uvicorn reads a head of any size for as long as it takes. Here a head is at most 64 KB and has ten
seconds; where one address begins too many at once, the oldest of them is cut off, so that those
who send theirs at once are let in.
"""

import asyncio
from collections import OrderedDict

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.addresses import network

HEAD_BYTES_MAX = 65_536
HEAD_S = 10.0
HEADS_PER_ADDRESS_MAX = 256
NO_HOST = "A request of HTTP/1.1 names the host it is for, and names it once."
TOO_LARGE = "The headers of this request, with their cookies, are larger than 64 KB."


def refusal(reason: str, status: str = "431 Request Header Fields Too Large") -> bytes:
    """A whole answer to a head that is not taken; the header tells it from that of a proxy."""
    return (
        f"HTTP/1.1 {status}\r\nringside-handshake: refused\r\nconnection: close\r\n"
        f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(reason)}\r\n\r\n{reason}"
    ).encode("ascii")


class _BegunHeads:
    """The connections of each address whose head is not complete, the oldest first."""

    def __init__(self) -> None:
        self._of: dict[str, OrderedDict[HeadProtocol, None]] = {}

    def add(self, protocol: "HeadProtocol") -> None:
        """Note a begun head; beyond the limit the oldest of its address is cut off."""
        begun = self._of.setdefault(protocol.network, OrderedDict())
        begun[protocol] = None
        if len(begun) > HEADS_PER_ADDRESS_MAX:
            oldest, _ = begun.popitem(last=False)
            oldest.transport.abort()

    def drop(self, protocol: "HeadProtocol") -> None:
        """Forget a head that is complete or gone; repeating it changes nothing."""
        begun = self._of.get(protocol.network)
        if begun is not None:
            begun.pop(protocol, None)
            if not begun:
                del self._of[protocol.network]


_begun = _BegunHeads()


class HeadProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, with bounds for the head of a request."""

    network: str
    _head_bytes = 0
    _is_refused = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self.network = network(self.client[0]) if self.client else "unix"
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._expect_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what was read, unless the head is refused."""
        if self._is_refused:
            return
        super().data_received(data)
        if self._deadline is not None:
            # What was not complete yet may be one line that the parser keeps back.
            self._head_bytes += len(data)
            self._bound()

    def on_message_begin(self) -> None:
        """Begin to count: a connection that is kept alive has one head after the other."""
        super().on_message_begin()
        if self._deadline is None:
            self._expect()

    def on_headers_complete(self) -> None:
        """Answer the request, or refuse a head that came at once and is too large."""
        self._expect_no_more()
        named = sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._head_bytes = len(self.url) + named
        self._bound()
        hosts = sum(name == b"host" for name, _value in self.headers)
        if hosts != 1 and self.parser.get_http_version() == "1.1":
            self._refuse(NO_HOST, "400 Bad Request")
        if not self._is_refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the body."""
        if not self._is_refused:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Go on as a socket."""
        if not self._is_refused:
            super().handle_websocket_upgrade()

    def _expect(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_S, self.transport.abort)
        _begun.add(self)

    def _expect_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        _begun.drop(self)

    def _bound(self) -> None:
        if self._head_bytes > HEAD_BYTES_MAX:
            self._refuse(TOO_LARGE, "431 Request Header Fields Too Large")

    def _refuse(self, why: str, status: str) -> None:
        if self._is_refused:
            return
        self._is_refused = True
        self._expect_no_more()
        self.logger.warning("A head was refused: %s", why)
        self.transport.write(refusal(why, status))
        self.transport.close()
