"""Documents are true: a file that they name is there, and holds the functions they name in it.

A walk is a table: where, the file, and what happens there, which begins with the function's name.
"""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from docs import architecture
from launcher import __main__ as launcher
from launcher.venv import ROOT

pytestmark = pytest.mark.once

PAGES = ["README.md", "README.ko.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(
    str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")
)]  # fmt: skip
WALKS = [page for page in PAGES if page.startswith("docs/walk-")]
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
# Up to what a comment says of it, or two blanks.
COMMAND = re.compile(r"(?:^ *|`)\./ringside ((?:[^`\s]+ ?)+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"(?<![\w/.:@-])[\w-]+(?:[/.][\w-]+)*/?(?![\w/*{<(-])")
ROW = re.compile(r"^\|[^|]*\| `([\w/.-]+)` \| (.*) \|$", re.MULTILINE)
# Names that a part of a sentence begins with, and those that are said to be of another file.
NAME = re.compile(r"(?:^|; |, and |\(HTTP: )`([A-Za-z_]\w*|[A-Z]\w*\.\w+)`")
NAME_OF = re.compile(r"`(\w+)` of `([\w/]+\.\w+)`")


# Of other people's programs.
STRANGE = {"vite.config.js"}


def _text(path: str) -> str:
    return (ROOT / path).read_text()


def _files() -> set[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).splitlines()
    return {name for name in names if (ROOT / name).exists()}


FILES = _files()
FOLDERS = {f"{parent}/" for name in FILES for parent in Path(name).parents}
TOP = {name.partition("/")[0] for name in FILES}


def _is_there(path: str) -> bool:
    if path.endswith("/"):
        return path in FOLDERS
    # Beside its neighbours a file may go by its last part.
    return f"{path}/" in FOLDERS or any(f"/{name}".endswith(f"/{path}") for name in FILES)


def _paths(page: str) -> set[str]:
    text = _text(page)
    codes = FENCED.findall(text) + CODE.findall(FENCED.sub("", text))
    words = {word for code in codes for word in PATH.findall(code)}
    is_file = re.compile(r"\.(py|lua|js|md|css|html|svg|toml)$")
    return {
        word
        for word in words
        if word.partition("/")[0] in TOP and "/" in word or is_file.search(word)
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_that_are_there(page: str) -> None:
    assert {path for path in _paths(page) - STRANGE if not _is_there(path)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_commands_that_can_be_given(page: str) -> None:
    for given in COMMAND.findall(_text(page)):
        words = shlex.split(given, comments=True)
        asked, rest = launcher._parser().parse_known_args(words)
        if asked.command == "manage" and asked.rest[0] not in ("COMMAND", "…"):
            name, *options = asked.rest
            parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
            # In a sentence a command goes by its name alone.
            if options or rest:
                parser.parse_args(options + rest)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_to_pages_that_are_there(page: str) -> None:
    folder = (ROOT / page).parent
    links = LINK.findall(_text(page))
    assert [link for link in links if not (folder / link).exists()] == []


def test_every_page_stands_in_the_index() -> None:
    links = {(ROOT / "docs" / link).resolve() for link in LINK.findall(_text("docs/README.md"))}
    starts = {ROOT / page for page in ("docs/README.md", "README.md", "README.ko.md")}
    pages = {ROOT / page for page in PAGES} - starts
    assert {str(page) for page in pages - links} == set()


def test_the_architecture_is_drawn_from_the_contracts() -> None:
    assert architecture.DRAWING.read_text() == architecture.draw(), "python docs/architecture.py"
    told = _text("docs/architecture.md")
    contracts = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert [one["name"] for one in contracts if f"**{one['name']}**" not in told] == []


@pytest.mark.parametrize("page", WALKS)
def test_a_walk_names_functions_that_are_in_their_files(page: str) -> None:
    text = _text(page)
    named = [(path, name) for path, cell in ROW.findall(text) for name in NAME.findall(cell)]
    named += [(path, name) for name, path in NAME_OF.findall(text)]
    assert named
    assert [(path, name) for path, name in named if not _holds(path, name)] == []


def _holds(path: str, name: str) -> bool:
    """Whether a file defines a function, a class, a method, a constant, or registers it by name."""
    part = name.rpartition(".")[2]
    is_defined = [
        rf"^{part} = ",
        rf"\b(def|class|function|const) {part}\b",
        rf"^\s+(async )?{part}\(.*{{$",
        rf"[\"']{part}[\"']",
    ]
    return bool(re.search("|".join(is_defined), _text(path), re.MULTILINE))
