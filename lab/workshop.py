"""Private engines in a folder of their own, which are gone without a trace afterwards.

Nothing is left behind by an error, by Ctrl-C or by SIGTERM; after a SIGKILL the engines end by
themselves, and the next workshop sweeps the folder.
"""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from betting import bank
from lab.line import Line
from lab.sql import Sql
from launcher import engines, prerequisites, processes

PREFIX = "ringside-lab-"
# Out of the box 200 pages are written back a second; waiting for that shows nothing.
QUICK_FLUSH = ("--innodb-io-capacity=20000", "--innodb-io-capacity-max=40000")


class CannotRun(Exception):
    """An experiment lacks a program; the message says which one and how to get it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running Redis or Valkey of ours."""

    child: subprocess.Popen[bytes]
    socket: Path
    log: Path

    def line(self) -> Line:
        """A new connection."""
        return Line(self.socket)


class Workshop:
    """Where one experiment works: `tell` gets a sentence at each step."""

    def __init__(
        self, tell: Callable[[str], None], scale: float = 1, is_embedded: bool = False
    ) -> None:
        self.tell = tell
        self.folder = Path()
        self._scale = scale
        self._is_embedded = is_embedded
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, trace: TracebackType | None
    ) -> None:
        with _uninterrupted():
            for child in reversed(self._running):
                self.stop(child)
            shutil.rmtree(self.folder, ignore_errors=True)

    def share(self, count: int, least: int = 1) -> int:
        """A number of things to do, made smaller by the scale of this run."""
        return max(least, round(count * self._scale))

    def start(self, command: list[str], log: Path, **env: str) -> subprocess.Popen[bytes]:
        """Start a program that ends with the workshop and keeps its own files in our folder."""
        home = {"HOME": str(self.folder), "TMPDIR": str(self.folder), **env}
        with _uninterrupted():
            child = processes.start(command, log=log, env={**os.environ, **home})
            self._running.append(child)
        return child

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        """End a program and everything that it started itself."""
        # A pid that was waited for may be somebody else's by now.
        is_running = child.poll() is None
        processes.stop(child)
        if is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    def redis(self, role: str = "live", **directives: str) -> Server:
        """Start Redis, or the embedded Valkey, in a role; directives are CONFIG SET at once."""
        name = f"{role}{len(self._running)}"
        place, socket = self.folder / name, self.folder / f"{name}.sock"
        with _uninterrupted():
            child = engines.start_redis(self._redis_path(), place, socket, role)
            self._running.append(child)
        server = Server(child, socket, place / "server.log")
        with server.line() as line:
            for directive, value in directives.items():
                line.call("CONFIG", "SET", directive.replace("_", "-"), value)
        return server

    @staticmethod
    def engine(line: Line) -> str:
        """As in "Redis 7.0.15" or "Valkey 9.1.2"."""
        about = line.figures("server")
        if "valkey_version" in about:
            return f"Valkey {about['valkey_version']}"
        return f"Redis {about['redis_version']}"

    @contextlib.contextmanager
    def bank(self, club_id: int, **directives: str) -> Iterator[Server]:
        """A private bank behind betting/bank.py, its gate open and one club begun.

        While it lasts every call to the bank from this program goes there, and nowhere else.
        """
        server = self.redis("bank", **directives)
        kept, settings.REDIS_BANK_URL = settings.REDIS_BANK_URL, engines.redis_url(server.socket)
        try:
            bank.load_library()
            bank.open_gate()
            bank.run(bank.start_epoch(club_id, bank.Head.fresh(epoch=1)))
            yield server
        finally:
            settings.REDIS_BANK_URL = kept

    def mariadb(self, *options: str) -> Sql:
        """Start MariaDB with further options. Raises CannotRun when it is not installed."""
        need("mariadb")
        folder, socket = self.folder / "mariadb", self.folder / "mariadb.sock"
        self.tell("making a MariaDB")
        # Installed here, not by the launcher: this way Ctrl-C finds and ends it, too.
        log = self.folder / "install.log"
        if self.start(engines.setting_up(folder), log).wait():
            raise engines.not_set_up(log)
        with _uninterrupted():
            self._running.append(engines.start_mariadb(folder, socket, (*QUICK_FLUSH, *options)))
        return Sql(socket, folder)

    def _redis_path(self) -> str:
        has_own = shutil.which("redis-server") or shutil.which("valkey-server")
        is_own = has_own and not self._is_embedded
        return engines.redis_server() if is_own else engines.valkey_server()


def need(name: str) -> None:
    """Raises CannotRun with the packages to install when a tool of the equipment is absent."""
    tool = prerequisites.TOOLS[name]
    os.environ["PATH"] = prerequisites.PLACES
    absent = [program for program in tool.programs if not shutil.which(program)]
    if absent:
        raise CannotRun(
            f"{', '.join(absent)} is not installed. "
            f"On Debian or Ubuntu, as root: apt-get install {' '.join(tool.packages)}"
        )


def limit_memory(child: subprocess.Popen[bytes], more_bytes: int) -> None:
    """Let a program have so much memory beyond what it has; what asks for more is refused.

    This stands for the end of the machine's memory, so that the machine itself survives.
    """
    pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + more_bytes
    resource.prlimit(child.pid, resource.RLIMIT_AS, (most, most))


def sweep() -> None:
    """Remove what killed runs left in the folder for temporary files."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait while something is half begun, or until everything is put away.

    Signals are not masked: a child would inherit that, and could not be told to stop.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    kept = {one: signal.signal(one, lambda number, _: came.append(number)) for one in signals}
    try:
        yield
    finally:
        for one, reaction in kept.items():
            signal.signal(one, reaction)
    if came:
        signal.raise_signal(came[0])
