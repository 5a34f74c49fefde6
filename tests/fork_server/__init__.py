"""Houses whose processes need not load their libraries: each is forked from one that has.

Loading Django and the rest takes a house two seconds of a processor, and tests start a hundred
houses. Nothing of ours is loaded before the fork, nor anything that reads a setting: a house reads
its own. Launcher, web process and clock are parent and children, and are killed, waited for and
started again like any others.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from launcher import processes
from launcher.venv import PYTHON, ROOT
from tests.fork_server.forked import MESSAGE_BYTES_MAX, Forked


class ForkServer:
    """The process that forks, as those who ask it see it."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ended: dict[int, int] = {}
        self._lock = threading.Lock()
        command = [str(PYTHON), "-P", "-m", "tests.fork_server", str(theirs.fileno())]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        env.pop("DJANGO_SETTINGS_MODULE", None)
        self._process = processes.start(
            command, log=None, env=env, cwd=ROOT, keep_fds=(theirs.fileno(),)
        )
        theirs.close()

    def start(
        self,
        command: list[str],
        *,
        log: Path | None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        errors: Path | None = None,
    ) -> Forked:
        """As processes.start, of a command of Python; what it says as errors may go elsewhere."""
        places = {"log": log, "cwd": cwd, "errors": errors}
        asked = {name: str(place) for name, place in places.items() if place}
        request = {"command": command, "env": dict(env or os.environ), **asked}
        with self._lock:
            self._line.send(json.dumps(request).encode())
            while "born" not in (told := self._hear()):
                continue
        return Forked(told["born"], self._code_of)

    def _code_of(self, pid: int) -> int | None:
        with self._lock:
            while pid not in self._ended and select.select([self._line], [], [], 0)[0]:
                self._hear()
            return self._ended.pop(pid, None)

    def _hear(self) -> dict[str, int]:
        told: dict[str, int] = json.loads(self._line.recv(MESSAGE_BYTES_MAX))
        if "ended" in told:
            self._ended[told["ended"]] = told["code"]
        return told

    def close(self) -> None:
        """End it, and whatever it forked."""
        self._line.close()
        processes.stop(self._process)


@cache
def running() -> ForkServer:
    """The one of this process, which ends with it."""
    made = ForkServer()
    atexit.register(made.close)
    return made


def start(command: list[str], **options: Any) -> Forked:
    """As processes.start, of a command of Python: from the fork server."""
    return running().start(command, **options)


def finish(
    command: list[str], *, env: Mapping[str, str], cwd: Path, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """As processes.finish, of a command of Python: from the fork server."""
    with tempfile.TemporaryDirectory(prefix="said-") as folder:
        said, errors = Path(folder) / "said", Path(folder) / "errors"
        child = start(command, log=said, errors=errors, env=env, cwd=cwd)
        try:
            code = child.wait(timeout_s)
        finally:
            child.kill()
        return subprocess.CompletedProcess(command, code, said.read_text(), errors.read_text())
