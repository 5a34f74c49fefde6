"""The lab as people run it: Ctrl-C leaves nothing, and every assertion holds."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.running import EXPERIMENTS
from launcher.venv import ROOT
from tests.engines import PAIR

pytestmark = pytest.mark.server
PAIR_OPTION = ["--embedded"] if PAIR == "embedded" else []


def hear_ctrl_c() -> None:
    """As in a terminal: what a shell starts in the background inherits that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def lab(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The command in a process of its own, with a folder for everything temporary."""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        env = {**os.environ, "TMPDIR": folder, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "manage.py", "lab", *arguments, *PAIR_OPTION, "--out", folder]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, preexec_fn=hear_ctrl_c,
        )  # fmt: skip
        try:
            yield process, Path(folder)
        finally:
            process.kill()
            process.wait()


def processes_in(folder: Path) -> list[str]:
    """The command lines of all processes that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and "manage.py lab" not in line:
            found.append(line)
    return found


def read_until(process: subprocess.Popen[str], sentence: str) -> str:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if sentence in line:
            return told
    raise AssertionError(f"{sentence!r} was never said:\n{told}")


def assert_nothing_stays(process: subprocess.Popen[str], folder: Path) -> None:
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told and "Stopped" in told
    assert list(folder.iterdir()) == []
    deadline = time.monotonic() + 30
    while (left := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing(number: signal.Signals) -> None:
    with lab("race") as (process, folder):
        read_until(process, "race: read add write")
        deadline = time.monotonic() + 60
        while len(processes_in(folder)) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(processes_in(folder)) == 5, "a server and four racers"
        process.send_signal(number)
        assert_nothing_stays(process, folder)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("rowwidth", "making a MariaDB"),
        ("rowwidth", "narrow row"),
        ("reclaim", "DELETE of all"),
        ("handshake", "a browser visits"),
        ("memory", "no limits"),
        ("singlethread", "shadow"),
    ],
)
def test_ctrl_c_leaves_nothing_at_any_moment(name: str, moment: str) -> None:
    with lab(name) as (process, folder):
        read_until(process, moment)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert_nothing_stays(process, folder)


@pytest.mark.long
@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_every_assertion_holds_at_small_size(name: str, tmp_path: Path) -> None:
    with lab(name, "--scale", "0.1") as (process, _):
        told, _ = process.communicate(timeout=200)
    assert process.returncode == 0, told
    assert "0 did not" in told and "FAILED" not in told
