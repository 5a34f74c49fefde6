"""Harmful words to a Redis, as an operator would type them; no part of the house is in between."""

import socket
from pathlib import Path

PATIENCE_S = 10


def say(where: Path, line: str) -> str:
    """Send one line and return the answer's text, of several lines as they came."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(PATIENCE_S)
        caller.connect(str(where))
        caller.sendall(f"{line}\r\nQUIT\r\n".encode())
        told = b""
        while some := caller.recv(2**16):
            told += some
    return told.decode(errors="replace").removesuffix("+OK\r\n")


def figure(where: Path, name: str) -> str:
    """A figure of INFO. Raises KeyError where there is none."""
    for line in say(where, "INFO all").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value
    raise KeyError(name)
