"""Heads of requests and handshakes: each is answered or ended in bounded time and memory."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
import uvicorn
from django.test import TransactionTestCase

from accounts.handshake import refused_log
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomServer, until
from web.server import http
from web.server.http import HeadProtocol
from web.server.websockets import SocketProtocol

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
)
PLAIN = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class Heads(TransactionTestCase):
    def setUp(self) -> None:
        self.path = f"/ws/rooms/{room_of(somebody('Hanna')).code}/"
        self.server = self.enterContext(RoomServer())

    def answer(self, more: str) -> bytes:
        """What a handshake with more lines is answered within a second or two."""
        with closing(socket.create_connection(("127.0.0.1", self.server.port), timeout=30)) as line:
            line.sendall(UPGRADE.format(path=self.path, more=more).encode())
            return line.recv(4096)

    def test_it_answers_every_length_of_a_line_at_once(self) -> None:
        for length in (8_000, 8_100, 8_191, 8_192, 8_193, 9_000, 16_384, 32_768, 65_000, 70_000):
            line = "Cookie: a=" + "x" * (length - len("Cookie: a=")) + "\r\n"
            told = self.answer(line)
            self.assertTrue(told.startswith(b"HTTP/1.1 431 "), (length, told[:80]))
            self.assertIn(b"ringside-handshake: refused", told.lower())

    def test_it_answers_what_the_library_takes_for_no_head(self) -> None:
        told = self.answer("".join(f"X-{number}: 1\r\n" for number in range(200)))
        self.assertTrue(told.startswith(b"HTTP/1.1 400 "), told[:80])
        self.assertIn(b"ringside-handshake: refused", told.lower())

    def test_it_lets_ordinary_cookies_pass(self) -> None:
        self.assertTrue(self.answer(f"X-A: {'x' * 7_900}\r\n").startswith(b"HTTP/1.1 101 "))

    def test_it_keeps_a_refusal_by_length_for_operators(self) -> None:
        self.answer(f"Cookie: a={'x' * 9_000}\r\n")
        until(lambda: any("8,000 bytes" in each.why for each in refused_log.latest()))


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
    )
    await send({"type": "http.response.body", "body": b"here"})


@contextmanager
def server() -> Iterator[int]:
    """A bare server with our protocols; its port."""
    config = uvicorn.Config(
        _app, http=HeadProtocol, ws=SocketProtocol, lifespan="off", log_config=None
    )
    serving = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve([listener])))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        serving.should_exit = True
        thread.join()


@contextmanager
def begun(port: int, sent: bytes = PLAIN) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as line:
        line.sendall(sent)
        yield line


def asked(port: int) -> bytes:
    with begun(port, PLAIN + b"\r\n") as line:
        return line.recv(4096)


def test_it_ends_a_head_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    usual_s, began_s = http.HEAD_S, time.monotonic()
    monkeypatch.setattr(http, "HEAD_S", 0.3)
    with server() as port, begun(port) as slow, begun(port, b"") as silent:
        for line in (slow, silent):
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(1) == b""
    assert time.monotonic() - began_s < usual_s


def test_it_gives_every_head_of_a_kept_connection_its_own_time(monkeypatch) -> None:
    # Together longer than one may take, and each far shorter, on a busy machine too.
    monkeypatch.setattr(http, "HEAD_S", 2.0)
    with server() as port, begun(port, b"") as line:
        for _ in range(5):
            time.sleep(0.45)
            line.sendall(PLAIN + b"\r\n")
            told = line.recv(4096)
            while not told.endswith(b"here"):
                told += line.recv(4096)
            assert b"200 OK" in told


@pytest.mark.parametrize("is_one_line", [True, False])
def test_it_reads_no_more_than_64_kb_of_a_head_of_60_mb(is_one_line: bool) -> None:
    """The writer is cut off after what lies in the buffers of both ends."""
    piece = b"x" * 65_536 if is_one_line else b"X-A: " + b"x" * 1_000 + b"\r\n"
    piece *= max(1, 65_536 // len(piece))
    sent_bytes = 0
    with server() as port, begun(port) as line:
        line.sendall(b"X-Long: " if is_one_line else b"")
        try:
            while sent_bytes < 60 * 2**20:
                line.sendall(piece)
                sent_bytes += len(piece)
        except OSError:
            pass
        assert sent_bytes < 8 * 2**20
        assert b"200 OK" in asked(port)


@pytest.mark.parametrize(("size", "status"), [(60_000, b"200"), (66_000, b"431")])
def test_it_takes_a_head_that_comes_at_once_up_to_64_kb(size: int, status: bytes) -> None:
    lines = b"X-A: " + b"x" * (size // 10) + b"\r\n"
    with server() as port, begun(port, PLAIN + lines * 10 + b"\r\n") as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (PLAIN + b"Host: other.example\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"200"),
    ],
)
def test_it_wants_to_be_named_once(head: bytes, status: bytes) -> None:
    with server() as port, begun(port, head) as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 " + status)


def test_it_counts_no_body_as_a_head() -> None:
    head = PLAIN.replace(b"GET", b"POST") + b"Content-Length: 200000\r\n\r\n"
    with server() as port, begun(port, head + b"x" * 200_000) as line:
        assert b"200 OK" in line.recv(4096)


def test_it_answers_others_while_1200_heads_stay_half_open() -> None:
    with server() as port, ExitStack() as stack:
        halves = [stack.enter_context(begun(port)) for _ in range(1_200)]
        took_s = []
        for _ in range(20):
            began_s = time.monotonic()
            assert b"200 OK" in asked(port)
            took_s.append(time.monotonic() - began_s)
        assert max(took_s) < http.HEAD_S / 2
        deadline_s = time.monotonic() + 30
        while _open(halves) > http.HEADS_PER_ADDRESS_MAX and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert _open(halves) <= http.HEADS_PER_ADDRESS_MAX


def _open(lines: list[socket.socket]) -> int:
    return sum(map(_is_open, lines))


def _is_open(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
