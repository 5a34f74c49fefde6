"""Private engines for the tests, started before Django reads its settings.

RINGSIDE_ENGINES=embedded (default) is SQLite and Valkey, =real is MariaDB and Redis.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from config.launch import engines

_home = Path(tempfile.mkdtemp(prefix="ringside-test-"))
_children: list[subprocess.Popen[bytes]] = []


def _start() -> None:
    pair = os.environ.get("RINGSIDE_ENGINES", "embedded")
    server = engines.redis_server() if pair == "real" else engines.valkey_server()
    for role in ("bank", "live"):
        child = engines.start_redis(server, _home / role, _home / f"{role}.sock", role)
        _children.append(child)
        os.environ[f"REDIS_{role.upper()}_URL"] = f"unix://{_home / f'{role}.sock'}"
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    os.environ["DATA_DIR"] = str(_home)
    # xdist's workers inherit the database server of the first process.
    if pair == "real" and "RINGSIDE_TEST_MARIADB" not in os.environ:
        socket = _home / "mariadb.sock"
        _children.append(engines.start_mariadb(_home / "mariadb", socket))
        os.environ["RINGSIDE_TEST_MARIADB"] = str(socket)
    if pair == "real":
        query = f"unix_socket={os.environ['RINGSIDE_TEST_MARIADB']}"
        os.environ["DATABASE_URL"] = f"mysql://root@localhost/ringside?{query}"
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{_home / 'ringside.sqlite3'}"


def _stop() -> None:
    for child in _children:
        child.terminate()
    for child in _children:
        child.wait(timeout=20)
    shutil.rmtree(_home, ignore_errors=True)


atexit.register(_stop)
_start()
