"""How a web process ends: it takes nobody new, and its sockets come back one after the other.

On SIGTERM the listening socket is closed first, so a proxy goes to the other processes. Then each
socket is told 1012 at a moment of its own in a short window: all at once, their coming back would
be the storm that the next process begins with.
"""

import asyncio
import contextlib
import os
import random
import socket

import uvicorn

from web.close_codes import Close
from web.server.websockets import SocketProtocol

# Between two closes, as long as the window holds them all: another process lets about seventy
# clients come back in a second, and has other work beside that.
APART_S = 0.05
WINDOW_S = 20.0


class Server(uvicorn.Server):
    """uvicorn's server; it tells its supervisor when it listens, and closes sockets one by one."""

    def __init__(self, config: uvicorn.Config, window_s: float = WINDOW_S) -> None:
        super().__init__(config)
        self.window_s = window_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell the supervisor."""
        await super().startup(sockets=sockets)
        if self.started:
            tell_supervisor("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody new, tell every socket 1012 within the window, end what still runs."""
        tell_supervisor("STOPPING=1")
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await self._close_sockets()
        await super().shutdown(sockets)

    async def _close_sockets(self) -> None:
        connections = list(self.server_state.connections)
        open_sockets = [each for each in connections if isinstance(each, SocketProtocol)]
        random.shuffle(open_sockets)
        window_s = min(self.window_s, APART_S * len(open_sockets))
        leaving = [
            asyncio.create_task(_close_sockets(each, window_s * place / len(open_sockets)))
            for place, each in enumerate(open_sockets)
        ]
        if leaving:
            await asyncio.wait(leaving, timeout=window_s + 1)


async def _close_sockets(connection: SocketProtocol, after_s: float) -> None:
    await asyncio.sleep(after_s)
    if connection.handshake_complete and not connection.close_sent:
        # Unlike uvicorn's own end this waits for the peer's answer, so that what the peer sends
        # meanwhile does not turn the close into a broken connection.
        close = {"type": "websocket.close", "code": Close.RESTARTING, "reason": "restarting"}
        with contextlib.suppress(OSError):
            await connection.send(close)


def tell_supervisor(word: str) -> None:
    """Tell systemd how it is, where it asks (sd_notify); elsewhere nothing happens."""
    where = os.environ.get("NOTIFY_SOCKET")
    if not where:
        return
    address = "\0" + where[1:] if where.startswith("@") else where
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(word.encode(), address)
