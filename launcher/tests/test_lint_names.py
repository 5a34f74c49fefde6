"""Promises of the lint on names and measures."""

import subprocess
from pathlib import Path

import pytest

from launcher.development import lint_names

pytestmark = pytest.mark.once


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of two apps without a fault."""
    monkeypatch.setattr(lint_names, "ROOT", tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for path in ("birds/models.py", "birds/nests.py", "trees/models.py", "trees/tests/test_a.py"):
        _write(tmp_path / path, '"""Something that lives."""\n')
    return tmp_path


def _write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_it_passes_what_keeps_to_the_words(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(checkout / "birds/migrations/0001_initial.py", "\n" * 500)
    _write(checkout / "birds/tests/test_a.py")
    _write(checkout / "clients/python/ringside_client/nests.py")
    assert lint_names.main() == 0
    assert capsys.readouterr().out.strip() == ""


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("trees/nests.py", "", "two modules of one name"),
        ("trees/utils.py", "", "a name that says nothing"),
        ("birds/core.py", "", "a name that says nothing"),
        ("birds/eggs.py", "#\n" * 351, "351 lines, at most 350"),
        ("clients/python/ringside_client/shapes.py", "#\n" * 351, "351 lines, at most 350"),
        ("birds/eggs.py", '"""The same for eggs."""', "eggs.py:1: the docstring names no subject"),
        ("birds/eggs.py", 'def lay():\n    """Who lays."""', "the docstring names no subject"),
        ("birds/eggs.py", 'class Egg:\n    """Whoever hatches."""', "names no subject"),
    ],
)
def test_it_finds_a_fault(
    checkout: Path, path: str, text: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(checkout / path, text)
    assert lint_names.main() == 1
    said = capsys.readouterr().out
    assert path in said and fault in said


def test_it_finds_a_full_folder(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(21):
        _write(checkout / f"eggs/egg{number}.py")
    assert lint_names.main() == 1
    assert "eggs: 21 Python files, at most 20" in capsys.readouterr().out


def test_it_finds_too_many_files_in_large_folders(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(15):
        _write(checkout / f"eggs/egg{number}.py")
        _write(checkout / f"eggs/tests/test_egg{number}.py")
    assert lint_names.main() == 1
    assert "eggs: more than 20% of all files lie in folders of more than 14" in (
        capsys.readouterr().out
    )


def test_it_finds_an_app_that_outgrew_the_others(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(4):
        _write(checkout / f"app{number}/models.py", "#\n")
    for number in range(4):
        _write(checkout / f"config/part{number}.py", "#\n" * 300)
    assert lint_names.main() == 1
    said = capsys.readouterr().out
    assert "config: 1200 lines, at most 900" in said and "config: 1200 lines, more than 28%" in said
