"""Promises of what is installed."""

import re
import shutil
from pathlib import Path

import pytest

from launcher import venv
from launcher.venv import COVERS, ROOT

pytestmark = pytest.mark.once

PINNED = re.compile(r"^([a-z0-9._-]+)(\[[a-z,]+\])?==([^ ]+)", re.IGNORECASE)


def _pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    return {m.group(1): m.group(3) for line in lines if (m := PINNED.match(line))}


@pytest.mark.parametrize("lock", COVERS)
def test_it_records_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text and "--find-links" not in text


@pytest.mark.parametrize("lock", COVERS)
def test_it_has_a_hash_for_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text().strip()
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("-r ")]
    assert len(entries) == len(_pins(lock))
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("lock", COVERS)
def test_it_pins_a_package_in_one_place(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if line.startswith("-")] == [f"-r {one}" for one in COVERS[lock]]
    for covered in COVERS[lock]:
        assert not _pins(covered).keys() & _pins(lock).keys()


def test_it_installs_again_when_a_lock_that_is_taken_in_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lock in COVERS:
        shutil.copy(ROOT / lock, tmp_path)
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    before = venv._fingerprint("requirements-dev.txt")
    with (tmp_path / "requirements-run.txt").open("a") as run:
        run.write("more==1\n")
    assert venv._fingerprint("requirements-dev.txt") != before


def test_it_gives_a_reason_for_every_package() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text().lower()
    for lock in COVERS:
        asked = (ROOT / lock.replace(".txt", ".in")).read_text().splitlines()
        for line in asked:
            if line and not line.startswith(("#", "-")):
                name = re.split(r"[\[=<>]", line)[0].lower()
                assert name in reasons, f"{name} has no line in docs/dependencies.md"
