"""A view of Django that locks rows in MariaDB, under gunicorn with a process for each core."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.packages import PYTHON_PACKAGES
from benchmarks.plan import Alone
from benchmarks.rounds import Figures, percentiles
from benchmarks.sides.peers import SOURCES, free_port, running
from benchmarks.sides.side import HOST
from launcher.private_house import PrivateEngines

PEOPLE = 100
THREADS = 16


class Client(asyncio.Protocol):
    """A connection that bets again as soon as it is answered, until `until_s`."""

    def __init__(self, cookie: str, number: int, until_s: float) -> None:
        self.head = f"POST /bets/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n"
        self.outcome, self.until_s = 1 + number % 2, until_s
        self.delays_s: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._bet()

    def _bet(self) -> None:
        order = {"bet_id": str(uuid.uuid4()), "outcome": self.outcome, "stake": 1}
        body = json.dumps(order)
        self.transport.write(f"{self.head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.began_s = time.perf_counter()

    def data_received(self, data: bytes) -> None:
        # An answer is smaller than what is read at once, and ends with its body.
        if not data.endswith(b"}"):
            return
        self.delays_s.append(time.perf_counter() - self.began_s)
        if time.perf_counter() < self.until_s:
            self._bet()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.ended.set_result(None)


class SqlView:
    """So many connections to the view."""

    name = "Django and SQL"
    clients_max = 100

    def __init__(self, port: int, cookies: list[str]) -> None:
        self.port, self.cookies = port, cookies

    async def measure(self, clients: int, seconds: float) -> Figures:
        loop, began_s = asyncio.get_running_loop(), time.perf_counter()
        opened = []
        for number, cookie in enumerate(self.cookies[:clients]):
            made = partial(Client, cookie, number, began_s + seconds)
            _, client = await loop.create_connection(made, HOST, self.port)
            opened.append(client)
        await asyncio.gather(*(client.ended for client in opened))
        delays_s = [delay for client in opened for delay in client.delays_s]
        lasted_s = time.perf_counter() - began_s
        return {"per s": round(len(delays_s) / lasted_s), **percentiles(delays_s)}


@contextmanager
def sql_view(folder: Path) -> Iterator[Alone]:
    """Start MariaDB and gunicorn."""
    folder.mkdir()
    engines = PrivateEngines(folder)
    try:
        engines.start("sql")
        python_path = f"{SOURCES}{os.pathsep}{PYTHON_PACKAGES}"
        environment = {**os.environ, **engines.settings, "PYTHONPATH": python_path}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        making = [sys.executable, str(SOURCES / "sql_view.py"), str(PEOPLE)]
        made = subprocess.run(making, env=environment, check=True, capture_output=True)
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "sql_view:application", "--bind"]
        command += [f"{HOST}:{port}", "--workers", str(os.cpu_count()), "--threads", str(THREADS)]
        command += [
            "--keep-alive",
            "60",
            "--no-control-socket",
            "--worker-connections",
            str(2 * PEOPLE),
        ]
        with running(command, port, environment, folder / "web.log"):
            yield SqlView(port, json.loads(made.stdout))
    finally:
        engines.stop_all()
