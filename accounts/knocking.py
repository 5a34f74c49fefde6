"""One WebSocket handshake, made by hand so that everything the server answers can be seen."""

import base64
import os
import socket
import ssl
import struct
from dataclasses import dataclass, field
from http.client import HTTPException, parse_headers
from typing import BinaryIO
from urllib.parse import urlsplit

PATIENCE_S = 5.0
# Identity problems are closed at once; a socket that stays open this long is welcome.
SILENCE_S = 1.5
_BODY_BYTES_MAX = 2000
_LINE_BYTES_MAX = 4096
_CLOSE = 0x8
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
    """What came back: an HTTP answer, or a socket that stays open or was closed with a code."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    close_code: int = 0
    close_reason: str = ""


class NoAnswer(Exception):
    """There was no HTTP answer at all; the text says what happened instead."""


def knock(asked: Knock) -> Answered:
    """Make one handshake; raises NoAnswer. The socket is closed again at once."""
    parts = urlsplit(asked.url)
    port = parts.port or _PORTS[parts.scheme]
    try:
        with _connected(parts.hostname or "", port, parts.scheme) as line:
            line.sendall(_request(asked))
            return _read(line)
    except ssl.SSLError as error:
        raise NoAnswer(f"TLS failed: {error.reason or error}") from None
    except TimeoutError:
        raise NoAnswer(f"no answer within {PATIENCE_S:.0f} seconds") from None
    except (OSError, HTTPException, UnicodeError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


def _connected(host: str, port: int, scheme: str) -> socket.socket:
    line = socket.create_connection((host, port), timeout=PATIENCE_S)
    if scheme not in ("wss", "https"):
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=host)


def _request(asked: Knock) -> bytes:
    parts = urlsplit(asked.url)
    lines = [
        f"GET {parts.path or '/'} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    ]
    for name, value in (
        ("Origin", asked.origin),
        ("Cookie", asked.cookie),
        ("Authorization", asked.bearer and f"Bearer {asked.bearer}"),
        ("Sec-WebSocket-Protocol", asked.ticket and f"ringside.v1, ticket.{asked.ticket}"),
    ):
        if value:
            lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read(line: socket.socket) -> Answered:
    with line.makefile("rb") as stream:
        words = stream.readline(_LINE_BYTES_MAX).decode("latin-1").split(None, 2)
        if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
            raise NoAnswer("what answers there does not speak HTTP/1.1")
        status = int(words[1])
        headers = {name.lower(): value for name, value in parse_headers(stream).items()}
        if status != 101:
            length = headers.get("content-length", "")
            size = min(int(length), _BODY_BYTES_MAX) if length.isdigit() else 0
            body = stream.read(size).decode(errors="replace").strip()
            return Answered(status=status, headers=headers, body=body)
        line.settimeout(SILENCE_S)
        code, why = _close_frame(stream)
        return Answered(status=101, headers=headers, close_code=code, close_reason=why)


def _close_frame(stream: BinaryIO) -> tuple[int, str]:
    """The first close within the silence, or (0, "") when the socket stays open."""
    try:
        while head := stream.read(2):
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", stream.read(2))
            body = stream.read(size)
            if head[0] & 0x0F == _CLOSE:
                code = struct.unpack("!H", body[:2])[0] if size >= 2 else 1005
                return code, body[2:].decode(errors="replace")
    except TimeoutError:
        return 0, ""
    return 1006, ""
