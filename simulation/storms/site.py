"""The house that a storm harms: engines of its own behind lines, two web processes, two clocks."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from launcher import processes
from launcher.private_house import House, HouseFailed, PrivateEngines
from launcher.venv import ROOT
from simulation.storms.desk import Answer, Desk
from simulation.storms.proxy import Lines

SECOND_CLOCK = "clock-2"
OF_THE_HOUSE = ("web-1", "web-2", "clock", SECOND_CLOCK)
# A machine that is busy otherwise may let processes wait for minutes.
START_TIMEOUT_S = 600
SECOND_HOUSE_TRIES_S = 90


class Site:
    """Everything that can be harmed, by name: sql, bank, live, web-1, web-2, clock, clock-2."""

    def __init__(self, folder: Path, engines: PrivateEngines) -> None:
        self.folder, self.engines = folder, engines
        self.lines = Lines(
            web=lambda: ("127.0.0.1", self.house.port),
            **{name: (lambda name=name: engines.socket(name)) for name in engines.names},
        )
        self.house = House(folder / "data", self._settings(), options=("--no-demo",))
        self.house.outside = engines.pids
        self._desk = Desk(self.house)
        self._clock: subprocess.Popen[bytes] | None = None
        self._second: House | None = None
        self._before: dict[str, int] = {}

    def _settings(self) -> dict[str, str]:
        ports = {name: line.port for name, line in self.lines.by_name.items()}
        settings = {
            **self.engines.settings,
            "REDIS_BANK_URL": f"redis://127.0.0.1:{ports['bank']}/0",
            "REDIS_LIVE_URL": f"redis://127.0.0.1:{ports['live']}/0",
            "ALLOWED_ORIGINS": self.url,
            "WEB_WORKERS": "2",
            "LIMITS_SCALE": "1000",
        }
        if self.engines.is_embedded:
            # They write into SQL's file themselves, so what is preloaded is for them, too.
            settings |= self.engines.environment
        else:
            settings["DATABASE_URL"] = f"mysql://root@127.0.0.1:{ports['sql']}/ringside"
        return settings

    @property
    def url(self) -> str:
        """Where people come in: through the line that can be harmed."""
        return f"http://127.0.0.1:{self.lines['web'].port}"

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.engines.names, *OF_THE_HOUSE)

    def start(self) -> None:
        """Start the house, and its second clock."""
        self.house.start(START_TIMEOUT_S)
        self._start_clock()

    def _start_clock(self) -> None:
        command = [sys.executable, "-P", "-m", "launcher", "manage"]
        command += ["--data-dir", str(self.house.data_dir), "clock"]
        log = self.house.data_dir / "logs" / f"{SECOND_CLOCK}.log"
        self._clock = processes.start(command, log=log, env=self.house.env, cwd=ROOT)

    def stop(self) -> None:
        """End everything but the engines."""
        if self._second:
            self.stop_second_house()
        self._desk.close()
        if self._clock:
            processes.stop(self._clock)
        if self.house.launcher and self.house.launcher.poll() is None:
            self.house.stop()
        self.lines.close()

    def kill(self, *names: str) -> None:
        """SIGKILL engines or processes; `revive` brings them back."""
        for name in names:
            if name in self.engines.names:
                self.engines.kill(name)
            elif pid := self._pid(name):
                self._before[name] = pid
                signal_to(pid, signal.SIGKILL)
                if name == SECOND_CLOCK and self._clock:
                    self._clock.wait()

    @contextmanager
    def nobody_comes_back(self) -> Iterator[None]:
        """Keep the launcher from starting again what ends meanwhile."""
        launcher = self.house.launcher
        assert launcher
        launcher.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            launcher.send_signal(signal.SIGCONT)

    def tell(self, name: str, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP."""
        if name in self.engines.names:
            self.engines.send_signal(name, number)
        elif pid := self._pid(name):
            signal_to(pid, number)

    def revive(self) -> None:
        """Start what was killed, and wait until it runs again. Raises HouseFailed."""
        self.engines.start_all()
        self.house.outside = self.engines.pids
        if self._clock and self._clock.poll() is not None:
            self._start_clock()
        self.house.wait_until(self._is_alive, START_TIMEOUT_S)
        self._before.clear()

    def manage(self, *command: str, timeout_s: float = 120) -> Answer:
        """Run a management command of this house."""
        return self._desk.run(*command, timeout_s=timeout_s)

    def start_second_house(self) -> None:
        """Start another installation on this bank, until it says that it may not have it."""
        folder = self.folder / "second"
        folder.mkdir(exist_ok=True)
        settings = {"REDIS_BANK_URL": self.engines.settings["REDIS_BANK_URL"], "WEB_WORKERS": "1"}
        self._second = House(folder / "data", settings, options=("--no-demo",))
        self._second.port = _free_port()
        self._second.launch()
        until_s = time.monotonic() + SECOND_HOUSE_TRIES_S
        while not (self._second.was_ready or why_not_ready(self._second)):
            if time.monotonic() > until_s:
                raise HouseFailed(f"The other house says nothing:\n{self._second.story()}")
            time.sleep(0.2)

    def stop_second_house(self) -> None:
        """End the other installation. Raises HouseFailed when it ever was ready."""
        second, self._second = self._second, None
        if second and second.launcher:
            if second.launcher.poll() is None:
                second.stop()
            if second.was_ready:
                raise HouseFailed("Another house became ready on this bank.")

    def _pid(self, name: str) -> int:
        if name == SECOND_CLOCK:
            return self._clock.pid if self._clock and self._clock.poll() is None else 0
        return self.house.pid(name)

    def _is_alive(self) -> bool:
        are_new = all(self._pid(name) not in (0, pid) for name, pid in self._before.items())
        return are_new and self._ask("healthz") == 200

    def why_not_ready(self) -> str | None:
        """What /readyz/ says is wrong; empty when it is ready, None when nobody answers."""
        return why_not_ready(self.house)

    def _ask(self, page: str) -> int:
        try:
            return httpx.get(f"{self.house.url}/{page}/", timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return 0


def why_not_ready(house: House) -> str | None:
    """What a house's /readyz/ says is wrong; empty when it is ready, None when nobody answers."""
    try:
        answer = httpx.get(f"{house.url}/readyz/", timeout=15, trust_env=False)
    except httpx.TransportError:
        return None
    if answer.status_code == 200:
        return ""
    with suppress(ValueError, KeyError):
        return " ".join(answer.json()["problems"].values())
    return None


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def signal_to(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may just have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def open_site(engines: PrivateEngines) -> Iterator[Site]:
    """A site on these engines, which are started; all is ended after.

    Raises HouseFailed or EngineFailed.
    """
    site = None
    try:
        engines.start_all()
        site = Site(engines.folder, engines)
        site.start()
        yield site
    finally:
        if site:
            site.stop()
        engines.stop_all()
