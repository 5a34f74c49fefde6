"""A live instance of two servers, and three Sentinels that promote the one when the other dies."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from launcher import engines, processes
from launcher.venv import ROOT
from tests.servers import free_ports

NAME = "live"
SENTINELS = 3
PATIENCE_S = 60.0
SETTINGS = ROOT / "deploy" / "redis" / "sentinel.conf"


class Sentinels:
    """Two servers, the first one the primary, and the Sentinels that watch them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = free_ports(2 + SENTINELS)
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all, and wait until every Sentinel knows the others and the replica."""
        first, second, *watchers = self.ports
        live = [word for name, value in engines.LIVE_SETTINGS.items()
                for word in (f"--{name}", value)]  # fmt: skip
        for port in (first, second):
            self._begin([*live, "--maxmemory", "64mb"], port)
        self.ask(second, "REPLICAOF", "127.0.0.1", first)
        for port in watchers:
            file = self.folder / f"sentinel-{port}.conf"
            told = SETTINGS.read_text().replace("LIVE_HOST LIVE_PORT", f"127.0.0.1 {first}")
            file.write_text(told)
            self._begin(["--sentinel"], port, str(file))
        _wait_until(
            lambda: "up" in str(self.ask(second, "INFO", "replication")["master_link_status"])
        )
        for port in watchers:
            _wait_until(lambda port=port: self._is_ready(port))

    @property
    def url(self) -> str:
        """The address, as REDIS_LIVE_URL takes it."""
        named = ",".join(f"127.0.0.1:{port}" for port in self.ports[2:])
        return f"redis+sentinel://{named}/{NAME}/0"

    def kill_primary(self) -> None:
        """SIGKILL the first server."""
        self.children[0].send_signal(signal.SIGKILL)
        self.children[0].wait()

    def is_promoted(self) -> bool:
        """Whether the second server is the primary now."""
        return str(self.ask(self.ports[1], "ROLE")[0]) == "master"

    def close(self) -> None:
        """End all of them."""
        for child in self.children:
            child.kill()
            child.wait()

    def ask(self, port: int, *words: Any) -> Any:
        """Send a server or a Sentinel a command."""
        with redis.Redis(port=port, decode_responses=True, socket_timeout=10) as line:
            return line.execute_command(*words)

    def _begin(self, options: list[str], port: int, *first: str) -> None:
        place = self.folder / str(port)
        place.mkdir()
        command = [engines.redis_server(), *first, *options, "--port", str(port)]
        command += ["--bind", "127.0.0.1", "--dir", str(place)]
        self.children.append(processes.start(command, log=self.folder / "log"))
        _wait_until(lambda: self._answers(port))

    def _answers(self, port: int) -> bool:
        try:
            return bool(self.ask(port, "PING"))
        except redis.RedisError:
            return False

    def _is_ready(self, port: int) -> bool:
        told = self.ask(port, "INFO", "sentinel")["master0"]
        return told["slaves"] == 1 and told["sentinels"] == SENTINELS


@contextmanager
def sentinels(folder: Path) -> Iterator[Sentinels]:
    """Servers and Sentinels under a folder, ended after."""
    made = Sentinels(folder)
    try:
        made.start()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
