"""`./ringside run`: engines, database, clock and server, until a signal stops them.

Standard library only; everything of Django happens in children.
"""

import argparse
import os
import subprocess
import time
import unicodedata
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from launcher import data_folder, engines, listening, processes
from launcher.listening import Address
from launcher.supervisor import (
    Child,
    Stopped,
    Supervisor,
    end_leftovers,
    listen_to_signals,
    shorten_log,
)
from launcher.venv import PYTHON, ROOT
from launcher.words import gettext as _

CROWD_PLAYERS = 6
# How wide the first column of the addresses is.
COLUMN = 14


class PrepareFailed(RuntimeError):
    """The database, the pages or the demo could not be made ready; the reason stands above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line and the environment decided."""

    data_dir: Path
    host: str
    port: int | None
    tls_cert: Path | None
    tls_key: Path | None
    has_demo: bool
    has_crowd: bool

    @classmethod
    def read(cls, given: argparse.Namespace) -> "Choices":
        """Take the parsed command line."""
        return cls(
            data_dir=given.data_dir.absolute(),
            host=given.host,
            port=given.port,
            tls_cert=given.tls_cert and given.tls_cert.absolute(),
            tls_key=given.tls_key and given.tls_key.absolute(),
            has_demo=not given.no_demo,
            has_crowd=not (given.no_crowd or given.no_demo),
        )


def run(choices: Choices) -> int:
    """Run Ringside in the foreground; returns 0 after a clean stop."""
    listen_to_signals()
    try:
        with data_folder.occupy(choices.data_dir):
            Stack(choices).live()
    except Stopped:
        return 0
    return 0


def needs_driver() -> bool:
    """Whether the database is one that SQLite's lock has no driver for."""
    named = os.environ.get("DATABASE_URL_FILE")
    url = Path(named).read_text() if named else os.environ.get("DATABASE_URL", "")
    return url.startswith("mysql")


class Stack:
    """One run: what was chosen, the environment of the children, and the children."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.data_dir = choices.data_dir
        self.state_path = data_folder.state_path(self.data_dir)
        if choices.tls_cert and choices.tls_key:
            listening.try_certificate(choices.tls_cert, choices.tls_key)
        end_leftovers(self.state_path, tell)
        self.listener = listening.listen(choices.host, choices.port)
        self.address = Address(
            host=choices.host,
            port=self.listener.getsockname()[1],
            is_tls=choices.tls_cert is not None,
        )
        data_folder.secret_key(self.data_dir)
        self.env = {**os.environ, **self._settings()}
        self.supervisor = Supervisor(state_path=self.state_path, facts=self._facts(), tell=tell)
        self.is_prepared = self.is_ready = False
        self.asked_at_s = 0.0
        self.last_reason = ""

    def live(self) -> None:
        """Start everything, watch it, and end it all whatever happens."""
        try:
            self._start_engines()
            self._start_clock_and_web()
            self._tell_addresses()
            self.supervisor.watch(self._each_time)
        finally:
            if self.is_ready:
                tell(_("stopping"))
            self.listener.close()
            self.supervisor.stop()

    def _settings(self) -> dict[str, str]:
        chosen = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.data_dir),
            "PUBLIC_URL": self.address.public_url,
            "REDIS_BANK_URL": engines.socket_url(self.data_dir, "bank"),
            "REDIS_LIVE_URL": engines.socket_url(self.data_dir, "live"),
            "DATABASE_URL": f"sqlite:///{quote(str(self.data_dir / 'ringside.sqlite3'))}",
            "ALLOWED_ORIGINS": ",".join(self.address.loopback_urls),
        }
        return {name: os.environ.get(name) or value for name, value in chosen.items()}

    def _facts(self) -> dict[str, object]:
        kept = {name: self.env[name] for name in data_folder.KEPT_SETTINGS if name in self.env}
        return {"pid": os.getpid(), "url": self.address.local_url, "settings": kept}

    def _start_engines(self) -> None:
        for role in ("live", "bank"):
            if not os.environ.get(f"REDIS_{role.upper()}_URL"):
                begin = partial(self._engine, role)
                self.supervisor.add(Child(name=role, begin=begin, is_engine=True))

    def _engine(self, role: str) -> subprocess.Popen[bytes]:
        where = engines.socket_path(self.data_dir, role)
        return engines.start_redis(engines.valkey_server(), self.data_dir / role, where, role)

    def _start_clock_and_web(self) -> None:
        self.supervisor.add(Child(name="clock", begin=self._clock))
        for number in range(int(self.env.get("WEB_WORKERS") or 1)):
            self._add(f"web-{number + 1}", self._server())

    def _clock(self) -> subprocess.Popen[bytes]:
        """Start the clock, the first time as the process that prepares: both need all of Django."""
        log = self._log("clock")
        if self.is_prepared:
            return processes.start(self._manage("clock"), log=log, env=self.env, cwd=ROOT)
        read_end, write_end = os.pipe()
        command = self._manage("prepare", "--then-clock", str(write_end), str(log))
        command += ["--demo"] if self.choices.has_demo else []
        child = processes.start(command, log=None, env=self.env, cwd=ROOT, keep_fds=(write_end,))
        os.close(write_end)
        self.is_prepared = _is_told(read_end, child)
        if not self.is_prepared:
            raise PrepareFailed(_("Ringside could not be made ready; the reason stands above."))
        return child

    def _server(self) -> list[str]:
        command = [str(PYTHON), "-P", "-m", "config.serve", "--fd", str(self.listener.fileno())]
        if self.choices.tls_cert and self.choices.tls_key:
            command += ["--tls-cert", str(self.choices.tls_cert)]
            command += ["--tls-key", str(self.choices.tls_key)]
        return command

    def _manage(self, *command: str) -> list[str]:
        return [str(PYTHON), str(ROOT / "manage.py"), *command]

    def _log(self, name: str) -> Path:
        return data_folder.logs(self.data_dir) / f"{name}.log"

    def _add(self, name: str, command: list[str]) -> None:
        log = self._log(name)
        fds = (self.listener.fileno(),) if name.startswith("web") else ()

        def begin() -> subprocess.Popen[bytes]:
            return processes.start(command, log=log, env=self.env, cwd=ROOT, keep_fds=fds)

        self.supervisor.add(Child(name=name, begin=begin))

    def _tell_addresses(self) -> None:
        address = self.address
        tell_of(_("this machine"), address.local_url)
        tell_of(_("operators"), f"{address.local_url}/admin/")
        tell_of(_("data and logs"), str(self.data_dir))
        if address.lan_url:
            tell_of(_("phones"), address.lan_url)
            listening.show_qr(PYTHON, address.lan_url)
            if not address.is_tls:
                tell(_(
                    "Phones give their location to https pages only: add --tls-cert and --tls-key."
                ))  # fmt: skip

    def _each_time(self) -> None:
        now_s = time.monotonic()
        if self.is_ready:
            if now_s - self.asked_at_s > 60:
                self.asked_at_s = now_s
                for log in data_folder.logs(self.data_dir).glob("*.log"):
                    shorten_log(log)
            return
        reason = listening.why_not_ready(self.address)
        if reason is None:
            self._become_ready()
        elif now_s - self.asked_at_s > 5:
            self.asked_at_s = now_s
            if reason != self.last_reason and self.last_reason:
                tell(_("not ready: %(why)s") % {"why": reason})
            self.last_reason = reason

    def _become_ready(self) -> None:
        self.is_ready = True
        self.asked_at_s = time.monotonic()
        tell(_("ready %(url)s") % {"url": self.address.local_url})
        room = self.data_dir / "demo-room"
        if self.choices.has_crowd and room.exists() and (code := room.read_text()):
            crowd = ["crowd", "--room", code, "--url", self.address.local_url, "--keep-asking"]
            self._add("crowd", self._manage(*crowd, "--players", str(CROWD_PLAYERS)))


def _is_told(read_end: int, child: subprocess.Popen[bytes]) -> bool:
    """Wait until a child writes into a pipe, or ends; it goes with us when we are stopped."""
    try:
        with open(read_end, "rb") as pipe:
            return bool(pipe.read())
    except BaseException:
        processes.stop(child)
        raise


def tell_of(what: str, where: str) -> None:
    """Print a line of the table of addresses; a letter of Korean is as wide as two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in what)
    tell(f"{what:<{COLUMN - wide}}{where}")


def tell(sentence: str) -> None:
    """Print a line at once, for the user who started us."""
    print(sentence, flush=True)
