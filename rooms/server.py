"""What the web server does differently for our sockets: a close does not wait for its reader.

uvicorn writes nothing more to a reader that is blocked, not even the close, and then waits for
what it has buffered until the peer takes it, be it for ever. Here the close goes behind what is
buffered, and a peer that still does not take it is cut off.
"""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# As long as uvicorn waits for the answer to a close, and then a little.
CUT_AFTER_S = 15.0


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, with an end to every connection."""

    _cut: asyncio.TimerHandle | None = None

    async def send(self, message: Any) -> None:
        """Send an ASGI message; a close goes out at once."""
        if message["type"] == "websocket.close" and self.handshake_complete:
            self.writable.set()
            self._cut_soon()
        await super().send(message)

    def keepalive_timeout(self) -> None:
        """End a connection whose peer is silent."""
        super().keepalive_timeout()
        self._cut_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._cut:
            self._cut.cancel()
        super().connection_lost(exc)

    def _cut_soon(self) -> None:
        if self._cut is None:
            self._cut = self.loop.call_later(CUT_AFTER_S, self.transport.abort)
