"""Private engines for the tests, named before Django reads its settings.

RINGSIDE_ENGINES=embedded (default) is SQLite and Valkey, =real is MariaDB and Redis. With
`-n` each worker has its own two Redis and its own database.
"""

import gc
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from launcher import engines, processes

PAIR = os.environ.get("RINGSIDE_ENGINES", "embedded")
# In memory where there is room: what a test writes need not reach a disk.
_memory = Path("/dev/shm")  # noqa: S108
_has_memory = _memory.is_dir() and shutil.disk_usage(_memory).free > 2**30
_place = _memory if _has_memory else Path(tempfile.gettempdir())
PREFIX = "ringside-test-"
HOME = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_place))
# The workers of xdist share the folder of the process that started them.
SHARED_HOME = Path(os.environ.setdefault("RINGSIDE_TEST_HOME", str(HOME)))
# Django and the tests make objects by the hundred thousand that stay; looking through them all
# again and again costs a tenth of a run. So nothing is looked through until all are loaded.
COLLECT_AFTER = 50_000
gc.disable()
_running: list[subprocess.Popen[bytes]] = []


def _sweep() -> None:
    """Remove what killed test runs left in memory."""
    for left in _place.glob(f"{PREFIX}*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _name_engines() -> None:
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    os.environ["DATA_DIR"] = str(HOME)
    # A house is four processes and more; each would compile Ringside where none keeps bytecode.
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    for role in ("bank", "live"):
        os.environ[f"REDIS_{role.upper()}_URL"] = engines.redis_url(HOME / f"{role}.sock")
    if PAIR == "real":
        os.environ["DATABASE_URL"] = engines.mariadb_url(SHARED_HOME / "mariadb.sock")
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{HOME / 'ringside.sqlite3'}"


def pytest_configure(config: pytest.Config) -> None:
    """Start what this process needs: a controller of workers needs no Redis of its own."""
    if config.option.collectonly:
        return
    _sweep()
    # The static files' middleware warns when its folder is missing.
    (HOME / "static").mkdir()
    if PAIR == "real" and SHARED_HOME == HOME:
        _running.append(engines.start_mariadb(HOME / "mariadb", HOME / "mariadb.sock"))
    if getattr(config.option, "numprocesses", None):
        return
    server = engines.redis_server() if PAIR == "real" else engines.valkey_server()
    for role in ("bank", "live"):
        socket = HOME / f"{role}.sock"
        _running.append(engines.start_redis(server, HOME / role, socket, role))


def pytest_collection_finish() -> None:
    """Look for garbage from here on, and never among what was loaded."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    gc.enable()


def pytest_unconfigure() -> None:
    """Stop what was started and leave nothing behind."""
    for child in reversed(_running):
        processes.stop(child)
    shutil.rmtree(HOME, ignore_errors=True)


_name_engines()
