"""A whole Ringside of its own for a test or a benchmark: `./ringside run` on a free port.

    with private_house(folder, LIMITS_SCALE="1000", WEB_WORKERS="2") as house:
        print(house.url, house.pid("web-1"))

Standard library only.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher import engines, processes
from launcher.data_folder import ENGINE_SETTINGS
from launcher.venv import ROOT

READY_TIMEOUT_S = 180
STOP_TIMEOUT_S = 30
# The caller's own engines and settings are not handed on.
_NOT_INHERITED = (
    *ENGINE_SETTINGS, "DATABASE_REPLICA_URL", "DATA_DIR", "SECRET_KEY", "PUBLIC_URL",
    "ALLOWED_ORIGINS", "PORT", "STATIC_ROOT", "DJANGO_SETTINGS_MODULE", "LIMITS_SCALE",
    "WEB_WORKERS", "VENUE_NETWORKS", "LANGUAGE",
)  # fmt: skip
# One word of whatever language, and the address.
_READY = re.compile(r"^\S+ http://127\.0\.0\.1:(\d+)$", re.MULTILINE)


class HouseFailed(Exception):
    """The house ended, or took too long; says what it wrote."""


class House:
    """A running house: its address, its processes, its commands."""

    # How its launcher is started, and a command of it run; tests have quicker ways.
    begin = staticmethod(processes.start)
    finish = staticmethod(processes.finish)

    def __init__(
        self, data_dir: Path, settings: dict[str, str], *, options: tuple[str, ...] = ()
    ) -> None:
        self.data_dir = data_dir
        self.options = options
        inherited = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
        # In English whatever the terminal speaks, unless a setting says otherwise.
        self.env = {**inherited, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **settings}
        self.log = data_dir.with_suffix(".log")
        self.port = 0
        # Engines that the house does not look after, by name.
        self.outside: dict[str, int] = {}
        self.launcher: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """http://127.0.0.1:N, also the Origin of its pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """ws://127.0.0.1:N."""
        return f"ws://127.0.0.1:{self.port}"

    def start(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Run the house and wait until it is ready; a second start uses the same port."""
        said_before = len(self.said())
        self.launch()
        self.wait_until(lambda: bool(_READY.search(self.said(), said_before)), timeout_s)
        self.port = int(_READY.findall(self.said())[-1])

    @property
    def was_ready(self) -> bool:
        """Whether it said so since its folder was made."""
        return bool(_READY.search(self.said()))

    def launch(self) -> None:
        """Run the house without waiting for it."""
        command = [sys.executable, "-P", "-m", "launcher", "run"]
        command += ["--data-dir", str(self.data_dir), "--port", str(self.port), *self.options]
        self.launcher = self.begin(command, log=self.log, env=self.env, cwd=ROOT)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop the house; returns the exit code."""
        assert self.launcher is not None
        self.launcher.send_signal(number)
        return self.launcher.wait(STOP_TIMEOUT_S)

    def pid(self, name: str) -> int:
        """The process of a child: "bank", "live", "clock", "web-1" …; 0 when there is none."""
        state = json.loads((self.data_dir / "running.json").read_text())
        pid, born = state["children"].get(name, (0, 0))
        return pid if pid and processes.birth(pid) == born else 0

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Tell a child or an engine something, such as SIGSTOP; it must be running."""
        pid = self.pid(name) or self.outside[name]
        os.kill(pid, number)

    def kill(self, name: str) -> None:
        """SIGKILL a child; the launcher starts it again by itself."""
        if pid := self.pid(name):
            os.kill(pid, signal.SIGKILL)

    def wait_until(self, is_so: Callable[[], bool], timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait for something to come true. Raises HouseFailed with what the house said."""
        deadline = time.monotonic() + timeout_s
        while not is_so():
            assert self.launcher is not None
            ended = self.launcher.poll() is not None
            if ended or time.monotonic() > deadline:
                raise HouseFailed(f"{'ended' if ended else 'took too long'}:\n{self.story()}")
            time.sleep(0.02)

    def said(self) -> str:
        """What the launcher printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def logs(self) -> dict[str, str]:
        """What the launcher and each child wrote."""
        written = sorted((self.data_dir / "logs").glob("*.log"))
        return {
            "launcher": self.said(),
            **{path.name: path.read_text(errors="replace") for path in written},
        }

    def story(self) -> str:
        """The logs, shortened."""
        return "\n".join(f"--- {name}\n{said[-3000:]}" for name, said in self.logs().items())

    def manage(self, *command: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `./ringside manage` on this house; the caller looks at the exit code."""
        whole = [sys.executable, "-P", "-m", "launcher", "manage"]
        whole += ["--data-dir", str(self.data_dir), *command]
        return self.finish(whole, env=self.env, cwd=ROOT, timeout_s=timeout_s)

    def worked_s(self, name: str) -> float:
        """The processor time that a child or an engine has had."""
        fields = self._proc(name, "stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self, name: str) -> float:
        """The memory of a child or an engine."""
        pages = int(self._proc(name, "statm").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _proc(self, name: str, file: str) -> str:
        return Path(f"/proc/{self.pid(name) or self.outside[name]}/{file}").read_text()


class PrivateEngines:
    """MariaDB and two Redis under a folder, or two embedded Valkeys beside the house's SQLite."""

    def __init__(self, folder: Path, *, is_embedded: bool = False) -> None:
        self.folder = folder
        self.is_embedded = is_embedded
        self.names: tuple[str, ...] = ("live", "bank") if is_embedded else ("sql", "live", "bank")
        self.sql_options: tuple[str, ...] = ()
        # What engines find in their environment beside our own.
        self.environment: dict[str, str] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def socket(self, name: str) -> Path:
        """The Unix socket of an engine."""
        return self.folder / f"{name}.sock"

    def files(self, name: str) -> Path:
        """The folder of an engine's files."""
        return self.folder / name

    @property
    def settings(self) -> dict[str, str]:
        """The settings that name these engines."""
        named = {
            f"REDIS_{role.upper()}_URL": engines.redis_url(self.socket(role))
            for role in ("bank", "live")
        }
        if not self.is_embedded:
            named["DATABASE_URL"] = engines.mariadb_url(self.socket("sql"))
        return named

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return {name: child.pid for name, child in self.running.items()}

    def start_all(self) -> None:
        """Start what does not run; each is waited for. Raises EngineFailed."""
        for name in self.names:
            self.start(name)

    def start(self, name: str) -> None:
        """Start an engine unless it runs, and wait until it answers. Raises EngineFailed."""
        if name in self.running and self.running[name].poll() is None:
            return
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            self.running[name] = self._start(name)
        finally:
            for added in self.environment.keys() - before.keys():
                del os.environ[added]
            os.environ.update(before)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        files, socket = self.files(name), self.socket(name)
        if name == "sql":
            return engines.start_mariadb(files, socket, self.sql_options)
        server = engines.valkey_server() if self.is_embedded else engines.redis_server()
        return engines.start_redis(server, files, socket, name)

    def kill(self, name: str) -> None:
        """SIGKILL an engine and wait for its end; it stays down until it is started again."""
        child = self.running[name]
        child.send_signal(signal.SIGKILL)
        child.wait()

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Tell an engine something, such as SIGSTOP; it must be running."""
        os.kill(self.running[name].pid, number)

    def stop_all(self) -> None:
        """End all of them."""
        for child in reversed(self.running.values()):
            processes.stop(child)


@contextmanager
def private_house(
    folder: Path,
    *,
    options: tuple[str, ...] = ("--no-crowd",),
    has_servers: bool = False,
    port: int = 0,
    timeout_s: float = READY_TIMEOUT_S,
    **settings: str,
) -> Iterator[House]:
    """A house in a folder of its own, stopped at the end. Raises HouseFailed.

    `has_servers`: on a MariaDB and two Redis which `run` is told by address and does not look
    after; otherwise the house starts what it needs.
    """
    with ExitStack() as stack:
        outside: dict[str, int] = {}
        if has_servers:
            named, outside = stack.enter_context(real_engines(folder))
            settings = {**named, **settings}
        house = House(folder / "data", settings, options=options)
        house.outside, house.port = outside, port
        try:
            house.start(timeout_s)
            yield house
        finally:
            if house.launcher and house.launcher.poll() is None:
                house.stop()


@contextmanager
def real_engines(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, int]]]:
    """MariaDB and two Redis under a folder; the settings that name them, and their processes."""
    made = PrivateEngines(folder)
    try:
        made.start_all()
        yield made.settings, made.pids
    finally:
        made.stop_all()
