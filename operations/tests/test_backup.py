"""What was accepted before a backup comes back from it, to the last coin."""

import resource
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from betting import bank, ledger
from betting.tests.scenario import Scenario, play
from operations.backup import backups, dumps

# A dump is made by another connection, which sees only what was committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "mysql" and not shutil.which("mariadb-dump"),
        reason="mariadb-dump is not installed",
    ),
]


@pytest.fixture
def scenario() -> Scenario:
    """A club where something happened that the ledger has not been told of yet."""
    scenario = Scenario()
    play(scenario)
    return scenario


def back_up(folder: Path) -> str:
    said = StringIO()
    call_command("backup", str(folder), stdout=said)
    return said.getvalue()


def test_it_brings_the_journal_into_the_backup_and_says_up_to_where(
    scenario: Scenario, tmp_path: Path
) -> None:
    seq = bank.head(scenario.club.pk).seq
    assert ledger.watermark(scenario.club.pk).seq < seq
    said = back_up(tmp_path / "one")
    assert f"in it: main up to entry 1-{seq}" in said
    assert f"the bank stood at entry {seq}, 0 later" in said
    assert "not in it: the live instance" in said
    manifest = backups.check(tmp_path / "one")
    assert manifest.clubs[0].chain == bank.head(scenario.club.pk).chain


def test_it_says_aloud_what_is_missing_while_the_bank_is_away(
    scenario: Scenario, tmp_path: Path, settings: Any
) -> None:
    settings.REDIS_BANK_URL = f"unix://{tmp_path}/nobody.sock"
    warned = StringIO()
    said = StringIO()
    call_command("backup", str(tmp_path / "one"), stdout=said, stderr=warned)
    assert "NOT brought in: the bank's journal" in warned.getvalue()
    assert "the bank stood at an unknown entry" in said.getvalue()
    assert backups.check(tmp_path / "one").clubs[0].bank_seq is None


def test_it_comes_back_in_a_drill_with_a_bank_made_anew(scenario: Scenario, tmp_path: Path) -> None:
    back_up(tmp_path / "one")
    said = StringIO()
    call_command("restore_drill", str(tmp_path / "one"), stdout=said)
    assert "reconciled: green. Restored in" in said.getvalue()
    assert "4 wallets" in said.getvalue()
    assert "The backup comes back:" in said.getvalue()


def test_it_refuses_a_backup_that_was_changed_or_is_not_whole(
    scenario: Scenario, tmp_path: Path
) -> None:
    back_up(tmp_path / "one")
    path = tmp_path / "one" / dumps.name()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CommandError, match="checksum differs"):
        call_command("restore_drill", str(tmp_path / "one"))
    (tmp_path / "one" / "manifest.json").unlink()
    with pytest.raises(CommandError, match="holds no whole backup"):
        call_command("restore_drill", str(tmp_path / "one"))


def test_it_finds_a_ledger_that_is_not_the_one_backed_up(
    scenario: Scenario, tmp_path: Path
) -> None:
    back_up(tmp_path / "one")
    manifest = backups.check(tmp_path / "one")
    backups.prove(manifest)
    manifest.clubs[0] = replace(manifest.clubs[0], chain="0" * 40)
    with pytest.raises(backups.BackupRefused, match="is not the one backed up"):
        backups.prove(manifest)


def test_it_touches_nothing_where_something_is(scenario: Scenario, tmp_path: Path) -> None:
    back_up(tmp_path / "one")
    head = bank.head(scenario.club.pk)
    with pytest.raises(CommandError, match="The bank is not empty"):
        call_command("restore", str(tmp_path / "one"))
    with pytest.raises(CommandError, match="is not empty; a backup needs"):
        call_command("backup", str(tmp_path / "one"))
    bank.each_primary("FLUSHALL")
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", str(tmp_path / "one"))
    assert ledger.watermark(scenario.club.pk).seq == head.seq


def test_a_full_disk_leaves_nothing_behind_and_is_said(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = dumps.write

    def write_on_a_full_disk(path: Path) -> None:
        most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            write(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))

    with monkeypatch.context() as patched:
        patched.setattr(dumps, "write", write_on_a_full_disk)
        with pytest.raises(CommandError, match=r"was not copied to|cannot be written: File too"):
            call_command("backup", str(tmp_path / "one"))
    assert list((tmp_path / "one").iterdir()) == []
    assert "in it: main up to entry" in back_up(tmp_path / "one")


def test_it_says_where_it_cannot_write(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(CommandError, match="file cannot be written: File exists"):
        call_command("backup", str(tmp_path / "file"))
    with pytest.raises(CommandError, match="cannot be written: Not a directory"):
        call_command("backup", str(tmp_path / "file" / "in"))
    assert (tmp_path / "file").read_text() == "kept"


def test_nobody_else_may_read_it(scenario: Scenario, tmp_path: Path) -> None:
    back_up(tmp_path / "one")
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0
    for path in (tmp_path / "one").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
