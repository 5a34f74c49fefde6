"""Promises of `./ringside check`, of one app's tests, and of the launcher's own imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import prerequisites
from launcher.development import checks, lint_locale, testing
from launcher.development.steps import Step
from launcher.venv import ROOT

pytestmark = pytest.mark.once

WELL = Step(name="calm", command=(sys.executable, "-c", "print('all is well')"))
ILL = Step(name="strict", command=(sys.executable, "-c", "print('a fault'); exit(3)"))
LAME = Step(name="lame", command=(sys.executable, "-c", ""), needs=("pond",))


@pytest.fixture
def _three_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    pond = prerequisites.Tool(programs=("no-such-pond",), packages=("pond",))
    monkeypatch.setattr(prerequisites, "TOOLS", {"pond": pond})
    monkeypatch.setattr(prerequisites.venv, "apt_install", lambda _packages: False)
    monkeypatch.setattr(checks, "CHECKS", (WELL, ILL, LAME))
    monkeypatch.setattr(checks, "NAMES", ("calm", "strict", "lame"))
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.usefixtures("_three_checks")
def test_it_tells_what_a_check_found_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.check([]) == 1
    said = capsys.readouterr().out
    assert "strict:\na fault\n" in said and "all is well" not in said
    [table] = [said[said.index("check ") :].splitlines()]
    assert [line.split()[0] for line in table[1:4]] == ["calm", "strict", "lame"]
    assert [line.split()[-1] for line in table[1:4]] == ["well", "FAILED", "SKIPPED"]


@pytest.mark.usefixtures("_three_checks")
def test_it_runs_the_checks_that_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.check(["calm"]) == 0
    assert "strict" not in capsys.readouterr().out


@pytest.mark.usefixtures("_three_checks")
def test_it_lets_a_check_be_skipped_but_not_where_changes_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks.check(["lame"]) == 0
    monkeypatch.setenv("CI", "true")
    assert checks.check(["lame"]) == 1


def test_it_loads_no_more_files_for_a_lane_than_name_its_mark() -> None:
    servers, storms = testing.files_of("server"), testing.files_of("storm")
    assert "tests/promises/test_storm.py" in storms and set(storms) < set(servers)
    assert "launcher/tests/test_run.py" in set(servers) - set(testing.files_of("browser"))
    assert "launcher/tests/test_launch.py" not in servers


def test_it_names_the_checks_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.check(["nonsense"]) == 2
    assert "types, locale, migrations" in capsys.readouterr().out


def test_all_checks_are_part_of_the_tests() -> None:
    first = testing.lanes(is_long=False)[0]
    assert (first.name, first.steps) == ("check", checks.CHECKS)


def test_a_long_run_plays_the_evening_on_servers_too() -> None:
    short, long = (
        [lane.name for lane in testing.lanes(is_long=is_long)] for is_long in (False, True)
    )
    assert long == [*short, "evening"]


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["betting"], ["-m", testing.QUICK, *testing.SHARED]),
        (["betting", "rooms"], ["-m", testing.QUICK, *testing.SHARED]),
        (["betting/tests/test_pages.py"], []),
        (["betting/tests/test_pages.py::test_it"], []),
    ],
)
def test_it_leaves_servers_out_of_an_app_and_nothing_out_of_a_file(
    words: list[str], options: list[str]
) -> None:
    assert testing.options_for(words) == options


# --- The Korean of every text


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Korean catalogue of a small checkout that has one text."""
    monkeypatch.setattr(lint_locale, "ROOT", tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "page.py").write_text('from text import gettext\n\nTITLE = gettext("Wolves")\n')
    folder = tmp_path / lint_locale.CATALOGUES
    folder.mkdir(parents=True)
    for domain in lint_locale.DOMAINS:
        _write(folder / f"{domain}.po", "")
        _compile(folder / f"{domain}.po")
    return folder / "django.po"


def _write(path: Path, entry: str) -> None:
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{entry}')


def _compile(path: Path) -> None:
    subprocess.run(["msgfmt", "-o", path.with_suffix(".mo"), path], check=True)


def test_it_finds_a_text_without_korean(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = catalogue.read_text()
    assert lint_locale.main() == 1
    assert 'django.po, no Korean: msgid "Wolves"' in capsys.readouterr().out
    assert catalogue.read_text() == before


def test_it_finds_a_catalogue_that_was_not_compiled(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(catalogue, 'msgid "Wolves"\nmsgstr "늑대"\n')
    assert lint_locale.main() == 1
    assert capsys.readouterr().out.startswith("django.mo is not that of django.po")
    _compile(catalogue)
    assert lint_locale.main() == 0


WORD = '"Wolves"'


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("page.html", '<p>{% translate "Sheep" %} Wolves</p>', "Wolves"),
        ("page.html", '<input placeholder="Wolves">', "Wolves"),
        ("page.js", 'write(note, "Two wolves came");', "Two wolves came"),
        ("count.py", f"class Command(BaseCommand):\n    help = {WORD}\n", WORD),
    ],
)
def test_it_finds_words_that_nobody_translates(
    catalogue: Path, capsys: pytest.CaptureFixture[str], name: str, source: str, words: str
) -> None:
    page = catalogue.parents[3] / name
    page.write_text(source)
    assert lint_locale.main() == 1
    assert f"{name}, not translated: {words}" in capsys.readouterr().out


# --- What the launcher may import: it runs before anything is installed


@pytest.mark.parametrize("path", sorted((ROOT / "launcher").glob("*.py")), ids=lambda p: p.name)
def test_the_launcher_stands_on_the_standard_library(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= sys.stdlib_module_names | {"launcher"}
