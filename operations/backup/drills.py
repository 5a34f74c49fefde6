"""The restore drill: a database and two Redis of its own, `manage.py restore`, and the time."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from launcher import engines, processes
from launcher.venv import ROOT
from operations.backup import backups


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What `restore` said in a drill, and how long the drill took."""

    is_green: bool
    said: str
    took_s: float


def run(folder: Path) -> Drill:
    """Restore a backup into private engines that end with this call.

    Raises BackupRefused when it is not whole, EngineFailed when an engine does not start.
    """
    manifest = backups.check(folder)
    began_s = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="ringside-drill-") as scratch,
        _engines(Path(scratch), manifest.vendor) as named,
    ):
        env = {**os.environ, **named, "DATA_DIR": scratch, "SECRET_KEY": settings.SECRET_KEY}
        restore = [sys.executable, str(ROOT / "manage.py"), "restore", str(folder.absolute())]
        told = subprocess.run(
            restore, env=env, cwd=ROOT, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    took_s = time.monotonic() - began_s
    return Drill(is_green=not told.returncode, said=told.stdout, took_s=took_s)


@contextmanager
def _engines(folder: Path, vendor: str) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        named = {"DATABASE_URL": f"sqlite:///{folder / 'ringside.sqlite3'}"}
        if vendor == "mysql":
            socket = folder / "mariadb.sock"
            stack.callback(processes.stop, engines.start_mariadb(folder / "mariadb", socket))
            named = {"DATABASE_URL": engines.mariadb_url(socket)}
        for role in ("bank", "live"):
            socket = folder / f"{role}.sock"
            child = engines.start_redis(_server(), folder / role, socket, role)
            stack.callback(processes.stop, child)
            named[f"REDIS_{role.upper()}_URL"] = engines.redis_url(socket)
        yield named


def _server() -> str:
    """The system's server, else the embedded one."""
    try:
        return engines.redis_server()
    except engines.EngineFailed:
        return engines.valkey_server()
