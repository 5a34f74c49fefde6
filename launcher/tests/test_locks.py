"""Promises of what is installed."""

import re

import pytest

from launcher.venv import COVERS, HOUSE

PINNED = re.compile(r"^([a-z0-9._-]+)(\[[a-z,]+\])?==([^ ]+)", re.IGNORECASE)


def _pins(lock: str) -> dict[str, str]:
    lines = (HOUSE / lock).read_text().splitlines()
    return {m.group(1): m.group(3) for line in lines if (m := PINNED.match(line))}


@pytest.mark.parametrize("lock", COVERS)
def test_it_records_no_address(lock: str) -> None:
    text = (HOUSE / lock).read_text()
    assert "://" not in text
    assert "--index" not in text and "--find-links" not in text


@pytest.mark.parametrize("lock", COVERS)
def test_it_has_a_hash_for_every_package(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (HOUSE / lock).read_text().strip())
    assert len(entries) == len(_pins(lock))
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("lock", COVERS)
def test_it_holds_what_it_covers(lock: str) -> None:
    for covered in COVERS[lock]:
        assert _pins(covered).items() <= _pins(lock).items()


def test_it_gives_a_reason_for_every_package() -> None:
    reasons = (HOUSE / "docs" / "dependencies.md").read_text().lower()
    for lock in COVERS:
        asked = (HOUSE / lock.replace(".txt", ".in")).read_text().splitlines()
        for line in asked:
            if line and not line.startswith(("#", "-")):
                name = re.split(r"[\[=<>]", line)[0].lower()
                assert name in reasons, f"{name} has no line in docs/dependencies.md"
