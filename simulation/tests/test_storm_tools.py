"""The tools of the storms: lines that break as they are told, and cuts that take back."""

import asyncio
import io
import os
import random
import shutil
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from django.core.management import call_command

from launcher.private_house import PrivateEngines
from simulation.storms.desk import Answer
from simulation.storms.harms import plan
from simulation.storms.kinds import faults, power, stepping, undoing
from simulation.storms.proxy import Lines, Trap


class Echo:
    """A server that answers every word with itself."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while word := await reader.read(100):
            self.heard.append(word)
            writer.write(word)
        writer.close()


async def call(port: int, word: bytes) -> bytes:
    """The answer, or nothing when the connection ended first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(word)
        return await asyncio.wait_for(reader.read(100), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("is_before", [True, False])
async def test_a_trap_keeps_the_word_or_its_answer_and_goes_off_once(is_before: bool) -> None:
    echo, sprung = Echo(), []
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lines = Lines(echo=lambda: ("127.0.0.1", port))
    line = lines["echo"]
    line.trap = Trap(word=b"pay", is_before=is_before, spring=lambda: sprung.append(1))
    assert await call(line.port, b"bet") == b"bet"
    assert await call(line.port, b"pay") == b""
    assert (sprung, b"pay" in echo.heard) == ([1], not is_before)
    assert await call(line.port, b"pay") == b"pay"
    line.is_refusing = True
    assert await call(line.port, b"bet") == b""
    lines.heal()
    assert await call(line.port, b"bet") == b"bet"
    lines.close()
    server.close()


CLOCK = """
import time
print(time.time(), flush=True)
input()
print(time.time(), flush=True)
input()
print(time.time(), time.monotonic(), flush=True)
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_clock_is_stepped_while_a_process_runs(tmp_path: Path) -> None:
    engines = PrivateEngines(tmp_path)
    engines.environment = stepping.build(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", CLOCK], env={**os.environ, **engines.environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as child:  # fmt: skip
        assert child.stdin and child.stdout
        right = float(child.stdout.readline())
        stepping.step(engines, -3600.25)
        child.stdin.write("\n")
        back = float(child.stdout.readline())
        stepping.step(engines, 86_400)
        child.stdin.write("\n")
        ahead, monotonic = map(float, child.stdout.readline().split())
    assert abs(right - time.time()) < 600
    assert right - 3600.25 <= back < right - 3000
    assert right + 86_400 <= ahead < right + 87_000
    assert abs(monotonic - time.monotonic()) < 600


WRITER = """
import os
kept = os.open("kept", os.O_RDWR)
os.pwrite(kept, b"NEW", 2)
os.write(os.open("longer", os.O_WRONLY | os.O_APPEND), b" and more")
os.ftruncate(os.open("shorter", os.O_RDWR), 3)
safe = os.open("safe", os.O_RDWR)
os.pwrite(safe, b"SAFE", 0)
os.fsync(safe)
"""
BEFORE = {"kept": b"old words", "longer": b"one line", "shorter": b"nine bytes", "safe": b"word"}


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
@pytest.mark.parametrize("is_weak", [True, False])
def test_a_cut_takes_what_sqlite_did_not_bring_to_disk_and_nothing_else(
    tmp_path: Path, is_weak: bool
) -> None:
    lost = power.lost_by(tmp_path / "site", is_weak=is_weak, is_embedded=True)
    assert (lost["sql"] > 0) is is_weak
    assert is_weak or lost == {"bank": 0, "sql": 0}


def test_commands_run_in_turn_in_one_process_and_one_that_fails_ends_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '["verify", "nowhere.json"]\n["no_such_command"]\n["diffsettings"]\n'
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    call_command("run_commands")
    told = [msgspec.json.decode(line, type=Answer) for line in capsys.readouterr().out.splitlines()]
    assert [each.returncode == 0 for each in told] == [False, False, True]
    assert "nowhere.json cannot be read" in told[0].stderr and "INSTALLED_APPS" in told[2].stdout


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_cut_takes_back_what_was_not_fsynced(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name, content in BEFORE.items():
        (files / name).write_bytes(content)
    env = {**os.environ, **undoing.build(tmp_path)}
    subprocess.run([sys.executable, "-c", WRITER], cwd=files, env=env, check=True)
    written = {name: (files / name).read_bytes() for name in BEFORE}
    assert written == {
        "kept": b"olNEWords", "longer": b"one line and more", "shorter": b"nin", "safe": b"SAFE",
    }  # fmt: skip
    assert undoing.take_back(tmp_path / "undo", files.iterdir(), None)
    after = {name: (files / name).read_bytes() for name in BEFORE}
    assert after == {**BEFORE, "safe": b"SAFE"}
    # A second cut has nothing left to take.
    assert not undoing.take_back(tmp_path / "undo", files.iterdir(), random.Random(1))


class _Names:
    """As much of a site as a plan needs."""

    class engines:  # noqa: N801 - the name of a site's field.
        names = ("sql", "live", "bank")
        is_embedded = False
        environment: dict[str, str] = {}

        @staticmethod
        def socket(name: str) -> Path:
            return Path(name)

    names = (*engines.names, "web-1", "web-2", "clock", "clock-2")

    class lines:  # noqa: N801
        by_name = {"sql": None, "live": None, "bank": None, "web": None}

        def __class_getitem__(cls, name: str) -> object:
            return type("Line", (), {"name": name})


def test_a_seed_draws_the_same_harms_again() -> None:
    site = _Names()
    first, again, other = (
        [harm.sentence for harm in islice(plan(faults.draws(site), random.Random(seed), site), 40)]
        for seed in (7, 7, 8)
    )
    assert first == again != other
