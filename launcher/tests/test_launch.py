"""Promises of the launcher's parts: folder, leftovers, restarts, torn files, listening."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher import __main__ as launcher
from launcher import data_folder, engines, listening, processes, venv
from launcher.development import benches, testing
from launcher.supervisor import Child, Supervisor, end_leftovers

pytestmark = pytest.mark.once

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def wait_until(is_so: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.01)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = processes.start(SLEEPER, log=tmp_path / "sleeper.log")
    yield child
    processes.stop(child)


# --- The data folder


def test_it_lets_one_run_use_a_folder(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with data_folder.occupy(data_dir), pytest.raises(data_folder.FolderInUse, match="already runs"):
        data_folder.occupy(data_dir)
    data_folder.occupy(data_dir).close()


def test_it_keeps_strangers_out_of_the_folder(tmp_path: Path) -> None:
    data_folder.occupy(tmp_path / "data").close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_it_makes_a_secret_key_once(tmp_path: Path) -> None:
    data_folder.secret_key(tmp_path)
    first = (tmp_path / "secret-key").read_text()
    data_folder.secret_key(tmp_path)
    assert (tmp_path / "secret-key").read_text() == first
    assert len(first) >= 40
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_it_says_how_to_start_when_nobody_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in data_folder.ENGINE_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(data_folder.NotRunning, match="ringside run --data-dir"):
        data_folder.settings_of_run(tmp_path)


def test_it_tells_a_command_the_settings_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in data_folder.ENGINE_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    state = {"pid": 1, "url": "http://127.0.0.1:1", "settings": {"LIMITS_SCALE": "7"}}
    with data_folder.occupy(tmp_path / "data"):
        data_folder.state_path(tmp_path / "data").write_text(json.dumps(state))
        settings = data_folder.settings_of_run(tmp_path / "data")
    assert settings == {"DATA_DIR": str(tmp_path / "data"), "LIMITS_SCALE": "7"}


def test_a_run_on_other_engines_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name: f"unix:///nowhere/{name}" for name in data_folder.ENGINE_SETTINGS}
    state = {"pid": 1, "url": "", "settings": {**named, "PUBLIC_URL": "http://127.0.0.1:9"}}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with data_folder.occupy(tmp_path / "data"):
        data_folder.state_path(tmp_path / "data").write_text(json.dumps(state))
        # Those whom the run was given by their address are told what the run was told, too.
        assert data_folder.settings_of_run(tmp_path / "data")["PUBLIC_URL"] == "http://127.0.0.1:9"
        monkeypatch.setenv("DATABASE_URL", "sqlite:////elsewhere")
        assert data_folder.settings_of_run(tmp_path / "data") == {
            "DATA_DIR": str(tmp_path / "data")
        }


def test_a_full_disk_leaves_no_half_of_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_length: int) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(data_folder.secrets, "token_urlsafe", full)
        data_folder.secret_key(tmp_path)
    assert list(tmp_path.iterdir()) == []
    data_folder.secret_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


# --- Children


def test_it_ends_what_a_killed_run_left(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    state = {"children": {"web-1": [sleeper.pid, processes.birth(sleeper.pid)]}}
    (tmp_path / "running.json").write_text(json.dumps(state))
    told: list[str] = []
    end_leftovers(tmp_path / "running.json", told.append)
    assert sleeper.wait(5) == -signal.SIGTERM
    assert len(told) == 1 and "web-1" in told[0]
    assert not (tmp_path / "running.json").exists()


def test_it_leaves_a_stranger_with_the_same_number_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    state = {"children": {"web-1": [sleeper.pid, processes.birth(sleeper.pid) - 1]}}
    (tmp_path / "running.json").write_text(json.dumps(state))
    end_leftovers(tmp_path / "running.json", pytest.fail)
    assert sleeper.poll() is None


def test_it_takes_its_children_along_when_it_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from launcher import processes\n"
        f"child = processes.start({SLEEPER!r}, log=Path({str(tmp_path / 'log')!r}))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=data_folder.ROOT
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    born = processes.birth(pid)
    assert born
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: processes.birth(pid) != born)


def test_it_starts_again_what_ended_and_waits_longer_each_time(tmp_path: Path) -> None:
    told: list[str] = []
    house = Supervisor(state_path=tmp_path / "running.json", facts={"pid": 1}, tell=told.append)
    starts: list[float] = []

    def begin() -> subprocess.Popen[bytes]:
        starts.append(time.monotonic())
        return processes.start(["false"], log=tmp_path / "false.log")

    house.add(Child(name="web-1", begin=begin))
    deadline = time.monotonic() + 60
    while len(starts) < 3 and time.monotonic() < deadline:
        house.look_after_all()
        time.sleep(0.01)
    house.stop()
    assert len(starts) == 3
    # A busy machine adds to each wait and takes nothing from it.
    assert starts[1] - starts[0] >= 0.2 and starts[2] - starts[1] >= 0.4
    assert told[:2] == [f"web-1 ended (exit code 1); again in {wait_s} s" for wait_s in (0.2, 0.4)]
    assert not (tmp_path / "running.json").exists()


def test_it_names_its_children_in_a_file_only_we_may_read(tmp_path: Path) -> None:
    house = Supervisor(state_path=tmp_path / "running.json", facts={"pid": 1}, tell=print)
    house.add(Child(name="c", begin=lambda: processes.start(SLEEPER, log=tmp_path / "log")))
    state = json.loads((tmp_path / "running.json").read_text())
    pid, born = state["children"]["c"]
    assert processes.birth(pid) == born and state["pid"] == 1
    assert (tmp_path / "running.json").stat().st_mode & 0o077 == 0
    house.stop()
    assert processes.birth(pid) == 0


def test_it_does_not_start_a_second_server_on_a_socket(tmp_path: Path) -> None:
    where = tmp_path / "s.sock"
    child = engines.start_redis(engines.valkey_server(), tmp_path / "live", where, "live")
    try:
        with pytest.raises(engines.EngineFailed, match="already listens"):
            engines.start_redis(engines.valkey_server(), tmp_path / "live", where, "live")
    finally:
        processes.stop(child)


# --- Addresses


def test_it_says_that_a_port_is_taken() -> None:
    with listening.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(listening.PortTaken, match="Cannot listen"):
            listening.listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("127.0.0.1", 99_999, "takes a number from 0 to 65535, not 99999"),
        ("127.0.0.1", -1, "takes a number from 0 to 65535, not -1"),
        ("a b", None, "--host a b is no address of this machine"),
        # Set aside for documents: nobody has it.
        ("192.0.2.1", None, "Cannot listen on 192.0.2.1 port 8000: Cannot assign"),
    ],
)
def test_it_says_what_is_wrong_with_an_address(host: str, port: int | None, why: str) -> None:
    with pytest.raises(listening.CannotListen, match=why):
        listening.listen(host, port)


def test_it_says_what_is_wrong_with_a_certificate(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    with pytest.raises(listening.CannotListen, match=r"cert\.pem cannot be read: No such file"):
        listening.try_certificate(cert, key)
    cert.write_text("nonsense")
    key.write_text("nonsense")
    with pytest.raises(listening.CannotListen, match="no certificate and its own key"):
        listening.try_certificate(cert, key)


def test_it_says_in_a_sentence_that_a_folder_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(venv, "install", lambda _lock: False)
    assert launcher.main(["run", "--data-dir", str(tmp_path / "file"), "--port", "0"]) == 1
    assert capsys.readouterr().err == f"ringside: {tmp_path / 'file'}: File exists\n"


def test_it_lets_a_slow_reader_be_felt() -> None:
    with listening.listen("127.0.0.1", 0) as listener:
        # The kernel answers with twice what was asked for.
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 64 * 1024


def test_it_names_itself_for_this_machine_and_for_phones() -> None:
    here = listening.Address(host="127.0.0.1", port=8000, is_tls=False)
    assert (here.public_url, here.lan_url) == ("http://127.0.0.1:8000", None)
    lan = listening.Address(host="192.168.1.5", port=8443, is_tls=True)
    assert lan.public_url == lan.lan_url == "https://192.168.1.5:8443"
    everywhere = listening.Address(host="0.0.0.0", port=8000, is_tls=False)
    assert everywhere.local_url == "http://127.0.0.1:8000"


# --- The sum of the lanes


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("3 failed, 98 passed, 1 skipped in 12.34s", {"failed": 3, "passed": 98, "skipped": 1}),
        ("===== 7 passed, 2 errors in 61.00s (0:01:01) =====", {"passed": 7, "error": 2}),
        ("no tests ran in 0.01s", {}),
        ("Found 3 errors in 2 files (checked 9 source files)", {}),
    ],
)
def test_it_reads_the_closing_line(line: str, counts: dict[str, int]) -> None:
    assert dict(testing.count(f"…\n{line}\n")) == counts


def test_it_is_one_process_from_the_shell_on(tmp_path: Path) -> None:
    """Signals meant for the command reach the launcher itself."""
    text = (data_folder.ROOT / "ringside").read_text()
    assert 'exec "$python"' in text
    assert os.access(data_folder.ROOT / "ringside", os.X_OK)


def test_it_names_the_benchmarks_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert benches.bench(["nonsense", "--seconds", "1"]) == 2
    assert "bets, fanout, connect, settle, record" in capsys.readouterr().out
    alone = [benches.FOLDER / "alone" / f"{name}.py" for name in benches.ALONE]
    others = {*benches.NAMES, "storm", "harms"} - {*benches.ALONE}
    named = [*alone, *(benches.FOLDER / f"{name}.py" for name in others)]
    assert [path for path in named if not (path.is_file() or path.with_suffix("").is_dir())] == []


@pytest.mark.parametrize("text", ["lots", "0", "15", "-64"])
def test_it_refuses_a_memory_that_no_bank_can_live_on(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_MEMORY_MB", text)
    with pytest.raises(engines.EngineFailed, match="BANK_MEMORY_MB must be a whole number"):
        engines.memory_mb("bank")
    monkeypatch.setenv("BANK_MEMORY_MB", "64")
    assert (engines.memory_mb("bank"), engines.memory_mb("live")) == (64, 128)
