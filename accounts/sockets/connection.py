"""One WebSocket as the ASGI server hands it over, with types in place of its dictionaries."""

from collections.abc import Awaitable

from django.conf import settings

from accounts.handshake.middleware import Visitor, refuse
from web.asgi_types import Receive, Scope, Send
from web.server.wire import WIRE, Wire


class Connection:
    """What the handshake found out, and what can be said on a WebSocket.

    Sending waits while the peer reads nothing, and raises RuntimeError or OSError once it is gone.
    """

    __slots__ = (
        "_receive", "_scope", "_send", "address", "identity_problem", "language", "screen",
        "visitor", "wire",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        # Where the server has none, nothing is ever written to it.
        self.wire: Wire = scope.get("extensions", {}).get(WIRE) or Wire()
        self.visitor: Visitor | None = scope.get("visitor")
        self.identity_problem: str | None = scope.get("identity_problem")
        # The code of a screen's link, "" for a screen without one; None for anybody else.
        self.screen: str | None = scope.get("screen")
        self.language: str = scope.get("language", settings.LANGUAGE_CODE)
        self.address: str = (scope.get("client") or ("", 0))[0]

    def argument(self, name: str) -> str:
        """The text in the path that the route calls by this name."""
        return str(self._scope["url_route"]["kwargs"][name])

    async def opened(self) -> None:
        """Wait for the handshake to arrive."""
        await self._receive()

    async def refuse(self, status: int, why: str) -> None:
        """Refuse the handshake with an HTTP status, in place of accept."""
        await refuse(self._scope, self._send, status, why)

    def accept(self) -> Awaitable[None]:
        """Accept the handshake."""
        return self._send({"type": "websocket.accept"})

    def send(self, frame: str) -> Awaitable[None]:
        """Send a text frame."""
        return self._send({"type": "websocket.send", "text": frame})

    def close(self, code: int, reason: str) -> Awaitable[None]:
        """Close after what was sent before."""
        return self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def receive(self) -> str | bytes | None:
        """The peer's next message; None once the connection has ended."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return None
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes") or b""
