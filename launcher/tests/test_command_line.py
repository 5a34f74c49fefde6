"""What the command line says when something it needs is away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.venv import ROOT, VERSION

pytestmark = pytest.mark.once


def test_it_says_in_one_sentence_that_the_database_is_away(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/nowhere/ringside.sqlite3"
    told = subprocess.run(
        [sys.executable, "manage.py", "reconcile", "--all"],
        env={**os.environ, "DATABASE_URL": nowhere}, cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith("The database does not do what was asked: ")
    assert "Traceback" not in told.stderr


def test_it_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with errors.open("w") as file:
        told = subprocess.Popen(
            [sys.executable, "manage.py", "help"], cwd=ROOT, stdout=subprocess.PIPE, stderr=file
        )
        assert told.stdout is not None
        told.stdout.close()
        assert told.wait(60) == 141
    assert errors.read_text() == ""


def test_it_tells_its_version_before_anything_is_installed() -> None:
    told = subprocess.check_output([ROOT / "ringside", "--version"], text=True)
    assert told == f"ringside {VERSION}\n"
    assert VERSION.split(".")[0].isdecimal()


def test_it_tells_who_would_install_it_how_it_is_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", ROOT]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode and "runs from its folder: ./ringside run" in told.stdout + told.stderr
    assert not list(tmp_path.iterdir())
