"""The bank's files before a start: a torn end is cut and told, damage is set aside and told."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from launcher import aof_repair, engines, processes

SERVERS = [pytest.param(engines.valkey_server, id="valkey")] + (
    [pytest.param(engines.redis_server, id="redis")] if shutil.which("redis-server") else []
)


def ask(where: Path, *words: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(where))
        caller.sendall((" ".join(words) + "\r\n").encode())
        return caller.recv(4096)


class Bank:
    """A server with one key, killed; its files wait to be harmed."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server, self.folder, self.socket = server, folder / "bank", folder / "s.sock"
        self.run("SET", "kept", "1")
        self.files = self.folder / "appendonlydir"
        [self.last] = self.files.glob("*.incr.aof")
        self.whole = self.last.read_bytes()

    def run(self, *words: str) -> bytes:
        child = engines.start_redis(self.server, self.folder, self.socket, "bank")
        try:
            return ask(self.socket, *words)
        finally:
            processes.stop(child)

    def repairs(self) -> list[dict[str, object]]:
        record = self.folder / "repairs.jsonl"
        return [json.loads(line) for line in record.read_text().splitlines()]

    def notes(self, kind: str) -> bytes:
        return self.run("FUNCTION", "LIST", "LIBRARYNAME", aof_repair.NOTES[kind], "WITHCODE")

    def harm(self) -> bytes:
        """A word gets another length."""
        harmed = self.whole.replace(b"$4\r\nkept", b"$5\r\nkept")
        self.last.write_bytes(harmed)
        return harmed


@pytest.fixture(params=SERVERS)
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Bank:
    return Bank(request.param(), tmp_path)


def test_it_cuts_a_torn_end_keeps_a_copy_and_tells_the_gate(bank: Bank) -> None:
    torn = b"*3\r\n$3\r\nSET\r\n$4\r\nlo"
    bank.last.write_bytes(bank.whole + torn)
    assert bank.run("GET", "kept") == b"$1\r\n1\r\n"
    [noted] = bank.repairs()
    assert (noted["kind"], noted["cut_bytes"]) == ("cut", len(torn))
    assert (Path(str(noted["copy"])) / bank.last.name).read_bytes() == bank.whole + torn
    assert b"unfinished entry" in bank.notes("cut")
    assert len(bank.repairs()) == 1


def test_it_sets_damage_aside_starts_empty_and_tells_the_gate(bank: Bank) -> None:
    harmed = bank.harm()
    assert bank.run("GET", "kept") == b"$-1\r\n"
    [noted] = bank.repairs()
    assert (noted["kind"], noted["file"]) == ("damage", bank.last.name)
    assert (Path(str(noted["copy"])) / bank.last.name).read_bytes() == harmed
    assert b"at_byte" in bank.notes("damage")
    assert len(bank.repairs()) == 1


def test_it_sets_aside_what_only_the_server_cannot_read(bank: Bank) -> None:
    bank.last.write_bytes(bank.whole.replace(b"SET", b"SXT", 1))
    assert bank.run("GET", "kept") == b"$-1\r\n"
    [noted] = bank.repairs()
    assert noted["at_byte"] == bank.whole.index(b"SET") and "SXT" in str(noted["why"])


def test_it_sets_files_aside_whose_list_is_gone(bank: Bank) -> None:
    next(bank.files.glob("*.manifest")).unlink()
    assert bank.run("GET", "kept") == b"$-1\r\n"
    [noted] = bank.repairs()
    assert (Path(str(noted["copy"])) / bank.last.name).read_bytes() == bank.whole


def test_it_tells_of_damage_also_after_a_rewrite(bank: Bank) -> None:
    bank.harm()
    assert b"started" in bank.run("BGREWRITEAOF")
    assert b"at_byte" in bank.notes("damage")


def test_it_mends_nothing_that_is_whole(bank: Bank) -> None:
    for _ in range(2):
        assert bank.run("GET", "kept") == b"$1\r\n1\r\n"
    assert aof_repair.repair(bank.server, bank.folder) is None
    assert not (bank.folder / "repairs.jsonl").exists()


def test_it_removes_what_killed_rewrites_left(bank: Bank) -> None:
    left = [bank.folder / "temp-rewriteaof-17.aof", bank.files / "temp-rewriteaof-bg-17.aof"]
    for path in left:
        path.write_bytes(b"half")
    assert bank.run("GET", "kept") == b"$1\r\n1\r\n"
    assert not any(path.exists() for path in left)
