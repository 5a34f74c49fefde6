"""A real server inside the test's process, and proxies in front of it that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn

from config.asgi import application
from web.limits import FRAME_BYTES_MAX
from web.server.http import HeadProtocol
from web.server.websockets import SocketProtocol

START_TIMEOUT_S = 60


@contextmanager
def application_server(host: str = "127.0.0.1") -> Iterator[int]:
    """Serve the whole application on a free loopback port; gives the port."""
    line = socket.create_server((host, 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application, lifespan="off", log_config=None, ws_max_size=FRAME_BYTES_MAX,
            timeout_graceful_shutdown=1, http=HeadProtocol, ws=SocketProtocol,
        )
    )  # fmt: skip
    running = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
    running.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield line.getsockname()[1]
    finally:
        server.should_exit = True
        running.join(START_TIMEOUT_S)
        line.close()


@contextmanager
def proxy_to(
    port: int,
    change: Callable[[bytes], bytes],
    loses: Callable[[bytes], bool] = lambda _head: False,
) -> Iterator[int]:
    """A proxy that changes the head of each request; gives its port.

    A change that gives back an answer (`HTTP/1.1 …`) is sent to the client instead. What the
    server answers to a head that the proxy `loses` is not handed on: the connection ends.
    """
    entrance = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = entrance.accept()
            except OSError:
                return
            threading.Thread(
                target=_pass_on, args=(client, port, change, loses), daemon=True
            ).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield entrance.getsockname()[1]
    finally:
        entrance.shutdown(socket.SHUT_RDWR)
        entrance.close()


@contextmanager
def slow_server(first: Callable[[bytes], bytes], drop: bytes) -> Iterator[int]:
    """A server that answers one head and adds a drop again and again, for ten seconds at most."""
    entrance = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = entrance.accept()
        with client:
            client.sendall(first(client.recv(4096)))
            with suppress(OSError):
                for _turn in range(200):
                    client.sendall(drop)
                    time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield entrance.getsockname()[1]
    finally:
        entrance.close()


def _pass_on(
    client: socket.socket, port: int, change: Callable[[bytes], bytes],
    loses: Callable[[bytes], bool],
) -> None:  # fmt: skip
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        changed = change(head)
        if changed.startswith(b"HTTP/"):
            client.sendall(changed)
            return
        server.sendall(changed)
        threading.Thread(target=_pump, args=(client, server), daemon=True).start()
        if loses(head):
            server.recv(1)
            client.shutdown(socket.SHUT_RDWR)
        else:
            _pump(server, client)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while heard := source.recv(4096):
            target.sendall(heard)
        target.shutdown(socket.SHUT_WR)
