"""Static files of two versions lie side by side, so that a page of either finds its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import AsyncClient

from launcher.venv import ROOT
from tests.servers import free_ports
from web.static_files.versions import EARLIER_KEPT_S, HashedStaticFiles

PAGE = "web/house.css"


class Versions:
    """A folder of sources that changes from version to version, and where they are collected."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.source, self.root = folder / "source" / PAGE, folder / "collected"
        self.source.parent.mkdir(parents=True)
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        settings.STATICFILES_DIRS, settings.STATIC_ROOT = [folder / "source"], self.root

    def write(self, text: str) -> HashedStaticFiles:
        """Another version of the sources; returns what a process of it would name files by."""
        self.source.write_text(text)
        return HashedStaticFiles()

    def collect(self, text: str) -> str:
        """Collect a version; returns the hashed name of its style sheet."""
        self.write(text)
        self.start()
        call_command("collectstatic", interactive=False, verbosity=0)
        self.start()
        return HashedStaticFiles().stored_name(PAGE)

    def start(self) -> None:
        """Read the manifests, as a new process does."""
        staticfiles_storage._wrapped = HashedStaticFiles()  # type: ignore[attr-defined]

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def let_pass(self, seconds: float) -> None:
        """Move what was collected into the past."""
        for manifest in self.root.glob("staticfiles*.json"):
            at_s = manifest.stat().st_mtime - seconds
            os.utime(manifest, (at_s, at_s))


@pytest.fixture
def versions(tmp_path: Path, settings: Any) -> Iterator[Versions]:
    before = staticfiles_storage._wrapped  # type: ignore[attr-defined]
    yield Versions(tmp_path, settings)
    staticfiles_storage._wrapped = before  # type: ignore[attr-defined]


async def test_a_new_version_serves_the_files_of_the_earlier_one(versions: Versions) -> None:
    first, second = versions.collect("a { color: red }"), versions.collect("a { color: blue }")
    assert first != second
    for name, color in ((first, b"red"), (second, b"blue")):
        answer = await AsyncClient().get(f"/static/{name}")
        assert answer.status_code == 200
        assert color in b"".join([part async for part in answer.streaming_content])


def test_a_process_of_the_earlier_version_finds_its_names_again(versions: Versions) -> None:
    first = versions.collect("a { color: red }")
    versions.collect("a { color: blue }")
    again = versions.write("a { color: red }")
    assert again.is_collected and again.stored_name(PAGE) == first


def test_a_collection_that_was_cut_off_counts_for_nothing(versions: Versions) -> None:
    first, second = versions.collect("a { color: red }"), versions.collect("a { color: blue }")
    (manifest,) = (path for path in versions.root.glob("*.json") if second in path.read_text())
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({name: told[name] for name in ("paths", "version", "hash")}))
    assert not versions.write("a { color: blue }").is_collected
    again = versions.write("a { color: red }")
    assert again.is_collected and second not in again.hashed_files.values()
    assert again.stored_name(PAGE) == first


@pytest.mark.parametrize("left", ["", '{"paths": {"web/ho'])
def test_a_manifest_that_was_cut_off_stops_no_version(versions: Versions, left: str) -> None:
    first, second = versions.collect("a { color: red }"), versions.collect("a { color: blue }")
    (manifest,) = (path for path in versions.root.glob("*.json") if second in path.read_text())
    manifest.write_text(left)
    assert versions.write("a { color: red }").stored_name(PAGE) == first
    assert not versions.write("a { color: blue }").is_collected
    assert versions.collect("a { color: blue }") == second
    assert versions.write("a { color: blue }").is_collected


def test_it_removes_an_earlier_version_a_day_after_it_was_replaced(versions: Versions) -> None:
    first = versions.collect("a { color: red }")
    # It was served for a long time, and is replaced now.
    versions.let_pass(30 * EARLIER_KEPT_S)
    second = versions.collect("a { color: blue }")
    third = versions.collect("a { color: green }")
    assert versions.has(first) and versions.has(second)
    versions.let_pass(EARLIER_KEPT_S + 1)
    fourth = versions.collect("a { color: black }")
    assert not versions.has(first) and not versions.has(second)
    assert versions.has(third) and versions.has(fourth) and versions.has(PAGE)
    assert not [path for path in versions.root.rglob("*") if first in str(path)]


def test_it_keeps_what_a_removed_version_had_alike(versions: Versions) -> None:
    first = versions.collect("a { color: red }")
    versions.collect("a { color: blue }")
    versions.let_pass(2 * EARLIER_KEPT_S)
    versions.collect("a { color: green }")
    versions.let_pass(2 * EARLIER_KEPT_S)
    assert versions.collect("a { color: red }") == first and versions.has(first)


def test_a_web_process_does_not_start_without_the_files_of_its_version(tmp_path: Path) -> None:
    # There are those of another one.
    (tmp_path / "staticfiles.0123456789abcdef.json").write_text('{"version": "1.1", "paths": {}}')
    (port,) = free_ports(1)
    told = subprocess.run(
        [sys.executable, "-P", "-m", "config.serve", "--port", str(port)],
        env={**os.environ, "STATIC_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 1, told.stderr
    assert f"The static files of this version are not in {tmp_path}" in told.stderr
    assert "./ringside manage prepare" in told.stderr
