"""A bank of its own for one test, to be killed, harmed and started again."""

import os
import socket
import subprocess
from pathlib import Path

from launcher import engines


class PrivateBank:
    """The server of the pair under test, with files of its own."""

    def __init__(self, home: Path) -> None:
        is_real = os.environ.get("RINGSIDE_ENGINES") == "real"
        self.server = engines.redis_server() if is_real else engines.valkey_server()
        self.home, self.socket = home, home / "bank.sock"
        self.start()

    @property
    def files(self) -> Path:
        """The folder of its append-only files."""
        return self.home / "bank" / "appendonlydir"

    @property
    def last_file(self) -> Path:
        """The one that it writes into."""
        return max(self.files.glob("*.incr.aof"), key=lambda path: int(path.name.split(".")[2]))

    def start(self) -> None:
        self.child: subprocess.Popen[bytes] = engines.start_redis(
            self.server, self.home / "bank", self.socket, "bank"
        )

    def load(self, content: bytes) -> bool:
        """Forget everything and take in what a file holds; whether every command was taken."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(5)
            caller.connect(str(self.socket))
            caller.sendall(b"FLUSHALL\r\nFUNCTION FLUSH\r\n" + content + b"ECHO the-end\r\n")
            replies = b""
            while b"the-end" not in replies:
                if not (some := caller.recv(65536)):
                    return False
                replies += some
        return b"\r\n-" not in replies

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def restart(self) -> None:
        self.kill()
        self.start()
