"""One WebSocket handshake, made by hand so that everything the server answers can be seen."""

import base64
import hashlib
import io
import os
import socket
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from accounts.handshake.middleware import SUBPROTOCOL

PATIENCE_S = 5.0
# Identity problems are closed at once; a socket that stays open this long is welcome.
SILENCE_S = 1.5
_BODY_BYTES_MAX = 2000
_FRAME_BYTES_MAX = 1_000_000
_CLOSE = 0x8
# RFC 6455, 1.3: what a server appends to the key before it hashes it.
_PROOF = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What is sent: where to, and the headers a browser would add."""

    url: str
    origin: str = ""
    cookie: str = ""
    bearer: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back: an HTTP answer, or a socket that stays open or was closed with a code.

    `broken` names the header for which a browser would hang up although the status is 101.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    broken: str = ""
    close_code: int = 0
    close_reason: str = ""


class NoAnswer(Exception):
    """There was no HTTP answer at all; the text says what happened instead."""


def knock(asked: Knock) -> Answered:
    """Make one handshake; raises NoAnswer. The socket is closed again at once."""
    parts = urlsplit(asked.url)
    port = parts.port or _PORTS[parts.scheme]
    key = base64.b64encode(os.urandom(16))
    try:
        with _connected(parts.hostname or "", port, parts.scheme) as line:
            line.sendall(_request(asked, key))
            return _read(_Line(line), asked, key)
    except ssl.SSLError as error:
        raise NoAnswer(f"TLS failed: {error.reason or error}") from None
    except TimeoutError:
        raise NoAnswer(f"no answer within {PATIENCE_S:.0f} seconds") from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None
    except HTTPException:
        raise NoAnswer("what answers there does not speak HTTP/1.1") from None


class _Line(io.RawIOBase):
    """What comes over a connection, until one moment for all of it; then TimeoutError.

    A time-out of the socket alone starts again with each byte that drips in.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.wait(PATIENCE_S)

    def wait(self, patience_s: float) -> None:
        self._until_s = time.monotonic() + patience_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._line.settimeout(left_s)
        return self._line.recv_into(buffer)

    def makefile(self, _mode: str) -> BinaryIO:
        """As a socket does it, for HTTPResponse."""
        return io.BufferedReader(self)


def _connected(host: str, port: int, scheme: str) -> socket.socket:
    line = socket.create_connection((host, port), timeout=PATIENCE_S)
    if scheme not in ("wss", "https"):
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=host)


def _request(asked: Knock, key: bytes) -> bytes:
    parts = urlsplit(asked.url)
    lines = [
        f"GET {parts.path or '/'} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key.decode()}",
    ]
    for name, value in (
        ("Origin", asked.origin),
        ("Cookie", asked.cookie),
        ("Authorization", asked.bearer and f"Bearer {asked.bearer}"),
        ("Sec-WebSocket-Protocol", asked.ticket and f"{SUBPROTOCOL}, ticket.{asked.ticket}"),
    ):
        if value:
            lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read(line: _Line, asked: Knock, key: bytes) -> Answered:
    with HTTPResponse(line) as response:  # type: ignore[arg-type]
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        if response.status != 101:
            body = response.read(_BODY_BYTES_MAX).decode(errors="replace").strip()
            return Answered(status=response.status, headers=headers, body=body)
        line.wait(SILENCE_S)
        code, why = _close_frame(response.fp)
    broken = _broken(headers, asked, key)
    return Answered(status=101, headers=headers, broken=broken, close_code=code, close_reason=why)


def _broken(headers: dict[str, str], asked: Knock, key: bytes) -> str:
    """The first header by which a browser would know that no such socket was opened."""
    proof = base64.b64encode(hashlib.sha1(key + _PROOF, usedforsecurity=False).digest()).decode()
    chosen = headers.get("sec-websocket-protocol", "")
    right = {
        "Upgrade": headers.get("upgrade", "").lower() == "websocket",
        "Connection": "upgrade" in headers.get("connection", "").lower(),
        "Sec-WebSocket-Accept": headers.get("sec-websocket-accept") == proof,
        "Sec-WebSocket-Protocol": chosen == (SUBPROTOCOL if asked.ticket else ""),
    }
    return next((name for name, is_right in right.items() if not is_right), "")


def _close_frame(stream: BinaryIO) -> tuple[int, str]:
    """The first close within the silence, or (0, "") when the socket stays open."""
    try:
        while len(head := stream.read(2)) == 2:
            size = head[1] & 0x7F
            if size >= 126:
                size = int.from_bytes(stream.read(2 if size == 126 else 8))
            if size > _FRAME_BYTES_MAX:
                return 0, ""
            body = stream.read(size)
            if head[0] & 0x0F == _CLOSE:
                code = int.from_bytes(body[:2]) if len(body) >= 2 else 1005
                return code, body[2:].decode(errors="replace")
    except TimeoutError:
        return 0, ""
    return 1006, ""
