"""A private Ringside for a benchmark: `./ringside run` in a folder of its own, on a free port."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import processes
from launcher.data_folder import ENGINE_SETTINGS
from launcher.venv import ROOT

READY_TIMEOUT_S = 90
_NOT_INHERITED = {*ENGINE_SETTINGS, "DATA_DIR", "SECRET_KEY", "PUBLIC_URL", "PORT", "LIMITS_SCALE"}


class House:
    """A running Ringside: its address, and its processes by name."""

    def __init__(self, data_dir: Path, url: str) -> None:
        self.data_dir = data_dir
        self.url = url

    def pid(self, name: str) -> int:
        """The process of a child: "bank", "live", "clock", "web-1" …"""
        state = json.loads((self.data_dir / "running.json").read_text())
        return int(state["children"][name][0])

    def worked_s(self, name: str) -> float:
        """The processor time that a child has had."""
        fields = Path(f"/proc/{self.pid(name)}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self, name: str) -> float:
        """The memory of a child."""
        pages = int(Path(f"/proc/{self.pid(name)}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def private_house(**settings: str) -> Iterator[House]:
    """A Ringside without demo and crowd, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="ringside-bench-") as folder:
        data_dir, log = Path(folder) / "data", Path(folder) / "run.log"
        inherited = {name: value for name, value in os.environ.items()
                     if name not in _NOT_INHERITED}  # fmt: skip
        command = [sys.executable, "-P", "-m", "launcher", "run", "--no-demo"]
        command += ["--data-dir", str(data_dir), "--port", "0"]
        env = {**inherited, "PYTHONPATH": str(ROOT), **settings}
        launcher = processes.start(command, log=log, env=env, cwd=ROOT)
        try:
            deadline = time.monotonic() + READY_TIMEOUT_S
            while "\nready " not in "\n" + log.read_text():
                if launcher.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"The house did not start:\n{log.read_text()}")
                time.sleep(0.05)
            yield House(data_dir, log.read_text().rpartition("ready ")[2].split()[0])
        finally:
            processes.stop(launcher, timeout_s=30)
