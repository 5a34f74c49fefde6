"""The peers that speak over sockets: socket.io on Node, and Channels as its tutorial has it."""

import itertools
import json
import os
import secrets
import socket as sockets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt

from benchmarks.packages import NODE_MODULES
from benchmarks.sides.prepared import Prepared, outcomes, prepared_engines
from benchmarks.sides.side import HOST, Side
from benchmarks.sockets import PLAIN, SOCKET_IO, Person
from launcher import processes
from launcher.venv import ROOT

SOURCES = ROOT / "benchmarks" / "peers"
STOCK_PEOPLE = 12_000
START_TIMEOUT_S = 60


class Peer(Side):
    """A peer with a port, and cookies for its people, who are numbered from 1."""

    def __init__(self, port: int, web: int, prepared: Prepared) -> None:
        self.port = port
        self.processes = {"web": web, **prepared.pids}
        self._numbers = itertools.count(1)

    async def people(self, count: int, *, rooms: int = 1) -> list[Person]:
        return [self._person(number, 1 + at % rooms)
                for at, number in enumerate(itertools.islice(self._numbers, count))]  # fmt: skip

    def _person(self, number: int, room: int) -> Person:
        bet = (room, outcomes(room)[number % 2])
        return Person(self.url(room), {"Cookie": self.cookie(number)}, bet)

    def url(self, room: int) -> str:
        raise NotImplementedError

    def cookie(self, number: int) -> str:
        raise NotImplementedError


class SocketIo(Peer):
    """socket.io 4, ioredis with auto-pipelining, the Redis adapter, a signed cookie."""

    name = "socket.io"
    dialect = SOCKET_IO
    secret = ""

    def url(self, room: int) -> str:
        return f"ws://{HOST}:{self.port}/socket.io/?EIO=4&transport=websocket&room={room}"

    def cookie(self, number: int) -> str:
        return "access=" + jwt.encode({"user": number}, self.secret, "HS256")


class StockChannels(Peer):
    """Django Channels: AuthMiddlewareStack, AsyncWebsocketConsumer, redis-py, group_send."""

    name = "stock Channels"
    dialect = PLAIN
    sessions: list[str]

    def url(self, room: int) -> str:
        return f"ws://{HOST}:{self.port}/ws/rooms/{room}/"

    def cookie(self, number: int) -> str:
        return f"sessionid={self.sessions[number - 1]}"


@contextmanager
def socket_io(folder: Path) -> Iterator[Side]:
    """Run the socket.io peer."""
    with prepared_engines(folder, "live", "bank") as prepared:
        secret, port = secrets.token_hex(), free_port()
        sockets_ = [str(prepared.engines.socket(name)) for name in ("bank", "live")]
        command = ["node", str(SOURCES / "socket_io.js"), str(port), *sockets_, secret]
        environment = {**os.environ, "NODE_PATH": str(NODE_MODULES), "NODE_ENV": "production"}
        command.append(prepared.place_bets)
        with running(command, port, environment, folder / "web.log") as pid:
            side = SocketIo(port, pid, prepared)
            side.secret = secret
            yield side


@contextmanager
def stock_channels(folder: Path) -> Iterator[Side]:
    """Run the Channels peer under uvicorn, in one process."""
    with prepared_engines(folder, "live", "bank") as prepared:
        environment = {
            **os.environ, **prepared.engines.settings, "PEER_FOLDER": str(folder),
            "PLACE_BETS": prepared.place_bets, "PYTHONPATH": str(SOURCES),
        }  # fmt: skip
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        making = [sys.executable, str(SOURCES / "stock_channels.py"), str(STOCK_PEOPLE)]
        made = subprocess.run(making, env=environment, check=True, capture_output=True)
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "stock_channels:application", "--host", HOST]
        command += ["--port", str(port), "--log-level", "warning", "--loop", "uvloop"]
        with running(command, port, environment, folder / "web.log") as pid:
            side = StockChannels(port, pid, prepared)
            side.sessions = json.loads(made.stdout)
            yield side


def free_port() -> int:
    """A port that nobody listens on."""
    with sockets.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str], log: Path) -> Iterator[int]:
    """A program that listens on a port, ended at the end; yields its process."""
    child = processes.start(command, log=log, env=environment)
    try:
        _wait_for(child, port, log)
        yield child.pid
    finally:
        processes.stop(child)


def _wait_for(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until_s = time.monotonic() + START_TIMEOUT_S
    while child.poll() is None and time.monotonic() < until_s:
        with sockets.socket() as caller:
            if caller.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"A peer did not start:\n{log.read_text(errors='replace')}")
