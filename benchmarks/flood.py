"""The one client of the join storm, a process of its own, which sends as fast as it can.

    python benchmarks/flood.py URL COOKIE JOINS EVENTS SECONDS

Comes back at once whenever it is cut, whatever it is told. What counts as sent is what the kernel
took. Ends with one line of JSON: what was sent, how often it was closed and with which codes.
"""

import json
import os
import socket
import struct
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

HELLO = b'{"type": "hello"}'
EVENTS = (
    b'{"type": "chat.say", "text": "Hello again."}',
    b'{"type": "ping", "t": 1}',
    b'{"type": "bet.place", "bet_id": "00000000-0000-4000-8000-000000000000", "market": 1,'
    b' "outcome": 1, "stake": 1}',
    b'{"type": "nonsense"}',
)
FRAMES_PER_WRITE = 500
# A close with its reason fits into so much.
TAIL_BYTES = 64
SOURCE = "127.0.0.66"


def frame(text: bytes) -> bytes:
    """A masked text frame; the mask of zeros leaves the text as it is."""
    size = struct.pack("!B", 0x80 | len(text)) if len(text) < 126 else struct.pack(
        "!BH", 0x80 | 126, len(text))  # fmt: skip
    return b"\x81" + size + bytes(4) + text


def connect(url: str, cookie: str) -> socket.socket | None:
    """One handshake; None when it was refused."""
    parts = urlsplit(url)
    line = socket.create_connection((parts.hostname, parts.port), 30, (SOURCE, 0))
    origin = f"http://{parts.netloc}"
    line.sendall(
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        f"MDEyMzQ1Njc4OWFiY2RlZg==\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        part = line.recv(4096)
        if not part:
            return None
        head += part
    return line if head.startswith(b"HTTP/1.1 101") else None


def close_code(line: socket.socket) -> int:
    """The code of the close that the server sent last, after all else; 1006 without one."""
    line.settimeout(10)
    told = b""
    try:
        while part := line.recv(65536):
            told = (told + part)[-TAIL_BYTES:]
    except OSError:
        pass
    for code in (4029, 4409, 1008, 4000, 1012):
        if struct.pack("!H", code) in told:
            return code
    return 1006


def pour(line: socket.socket, block: bytes, until_s: float) -> bool:
    """Write a block and read nothing; False once the server hung up or the time is over."""
    line.settimeout(0.5)
    view = memoryview(block)
    while view:
        try:
            view = view[line.send(view) :]
        except TimeoutError:
            if time.monotonic() > until_s:
                return False
        except OSError:
            return False
    return True


def main() -> None:
    url, cookie, joins, events, seconds = sys.argv[1:]
    wanted = [frame(HELLO)] * int(joins)
    wanted += [frame(EVENTS[number % len(EVENTS)]) for number in range(int(events))]
    blocks = [wanted[at : at + FRAMES_PER_WRITE] for at in range(0, len(wanted), FRAMES_PER_WRITE)]
    until_s = time.monotonic() + float(seconds)
    told: Counter[str] = Counter()
    line, at = None, 0
    while at < len(blocks) and time.monotonic() < until_s:
        try:
            if line is None:
                line = connect(url, cookie)
                told["connections" if line else "refused"] += 1
            if line is None:
                continue
            if pour(line, b"".join(blocks[at]), until_s):
                told["frames"] += len(blocks[at])
                at += 1
                continue
            told[f"closed {close_code(line)}"] += 1
            line.close()
        except OSError:
            told["refused"] += 1
        line = None
    if line is not None:
        told[f"closed {close_code(line)}"] += 1
    print(json.dumps({"pid": os.getpid(), "is_done": at == len(blocks), **told}))


if __name__ == "__main__":
    main()
