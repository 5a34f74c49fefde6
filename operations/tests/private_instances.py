"""Private banks and live instances that a test may spoil."""

import shutil
import socket
from pathlib import Path
from typing import Any

from betting import bank
from launcher import engines
from tests.engines import PAIR
from web.live import live_redis


class Instances:
    """A private bank and a private live instance, to be spoilt by one test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        server = engines.redis_server() if PAIR == "real" else engines.valkey_server()
        self.children = [
            engines.start_redis(server, home / role, home / f"{role}.sock", role)
            for role in ("bank", "live")
        ]

    def url(self, role: str) -> str:
        return f"unix://{self.home / role}.sock"

    def use(self, settings: Any) -> None:
        """Make these the engines of the house."""
        for role in ("bank", "live"):
            setattr(settings, f"REDIS_{role.upper()}_URL", self.url(role))

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def talk(self, role: str, *words: Any) -> Any:
        """Send one command, as an operator would."""
        send = bank.primaries()[0].send if role == "bank" else live_redis.send
        [answer] = send([words])
        assert not isinstance(answer, Exception), answer
        return answer

    def set(self, role: str, *pairs: str) -> None:
        self.talk(role, "CONFIG", "SET", *pairs)

    def dial(self, role: str) -> socket.socket:
        """A client that speaks the protocol by hand."""
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(str(self.home / f"{role}.sock"))
        return caller


def said_by(port: int, words: bytes) -> bytes:
    """What a server answers to a line; nothing while it does not listen."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(words)
            return caller.recv(100)
    except OSError:
        return b""
