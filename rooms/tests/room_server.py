"""A real web server in a thread, with sockets alone behind the real handshake."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from channels.routing import URLRouter
from django.urls import path
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.auth import tokens
from accounts.handshake.middleware import Handshake
from accounts.models import User
from rooms.consumers import RoomConsumer
from rooms.fanout.hub import get_hub
from rooms.models import Room
from web import limits
from web.server.http import HeadProtocol
from web.server.shutdown import Server
from web.server.websockets import SocketProtocol

PATIENCE_S = 45.0


class RoomServer:
    """A uvicorn of its own on a free loopback port; with `routes` it has more than rooms."""

    def __init__(
        self, *routes: Any, frame_bytes_max: int = limits.FRAME_BYTES_MAX, window_s: float = 0
    ) -> None:
        rooms = path("ws/rooms/<str:code>/", RoomConsumer.as_asgi())
        config = uvicorn.Config(
            Handshake(URLRouter([rooms, *routes])), port=0, lifespan="off", log_config=None,
            http=HeadProtocol, ws=SocketProtocol, ws_max_size=frame_bytes_max,
            ws_per_message_deflate=False,
        )  # fmt: skip
        self.uvicorn = Server(config, window_s)
        self._listener = socket.create_server(("127.0.0.1", 0))
        # As in a real server, so that a reader that does not read is noticed early.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.uvicorn.serve(sockets=[self._listener])

    def __enter__(self) -> "RoomServer":
        self._thread.start()
        until(lambda: self.uvicorn.started)
        self.port = self._listener.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.uvicorn.should_exit = True
        self._thread.join()

    def in_loop(self, act: Callable[..., Any], *args: Any) -> Any:
        """Call something in the server's loop and answer what it answers."""

        async def call() -> Any:
            answer = act(*args)
            return await answer if asyncio.iscoroutine(answer) else answer

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(PATIENCE_S)

    def hub(self) -> Any:
        return self.in_loop(get_hub)

    def connect(self, code: str, user: User | None = None, **options: Any) -> ClientConnection:
        """Open a room's socket by Bearer token, or as nobody."""
        return self.open(f"/ws/rooms/{code}/", user, **options)

    def open(self, path: str, user: User | None = None, **options: Any) -> ClientConnection:
        """Open a socket by Bearer token, or as nobody."""
        headers = options.pop("additional_headers", {})
        if user:
            headers["Authorization"] = f"Bearer {tokens.start(user).access}"
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers, compression=None, proxy=None, **options,
        )  # fmt: skip

    @contextlib.contextmanager
    def join(self, room: Room, user: User, **options: Any) -> Iterator["RoomClient"]:
        """A socket that was welcomed."""
        with self.connect(room.code, user, **options) as open_socket:
            yield RoomClient(open_socket)


class RoomClient:
    """A welcomed socket in a test's hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.say({"type": "hello"})
        self.welcome = self.hear("welcome")

    def say(self, message: Any) -> None:
        self.socket.send(
            message if isinstance(message, str | bytes) else json.dumps(message, ensure_ascii=False)
        )

    def hear(self, kind: str, timeout: float = PATIENCE_S) -> dict[str, Any]:
        """The next message of a kind; others are passed over."""
        return hear(self.socket, kind, timeout)


def hear(socket: ClientConnection, kind: str, timeout: float = PATIENCE_S) -> dict[str, Any]:
    """The next message of a kind from a socket."""
    until_s = time.monotonic() + timeout
    while True:
        message = json.loads(socket.recv(timeout=max(0, until_s - time.monotonic())))
        if message["type"] == kind:
            return message


def ending(socket: ClientConnection, timeout: float = PATIENCE_S) -> tuple[int, str]:
    """Read until the server closes; its code and reason."""
    until_s = time.monotonic() + timeout
    while True:
        try:
            socket.recv(timeout=max(0, until_s - time.monotonic()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


def until(holds: Callable[[], Any], timeout: float = PATIENCE_S) -> None:
    """Wait for something to become true."""
    until_s = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < until_s, "It did not come true in time."
        time.sleep(0.01)
