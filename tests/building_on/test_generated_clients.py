"""The typed halves of the clients say what the schemas say."""

import ast
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from clients.generator import files, schemas
from launcher.venv import VERSION
from ringside_client.api_calls import Calls

FOLDER = files.FOLDER
README = FOLDER / "python/README.md"


def test_they_are_as_the_schemas_have_them_and_no_more() -> None:
    made, present = files.files(), files.present()
    stale = [name for name in made.keys() | present if made.get(name) != present.get(name)]
    assert stale == [], "Run `python -m clients.generator`."


def test_writing_them_removes_what_is_no_more_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FOLDER / "python", tmp_path / "python")
    (tmp_path / "typescript").mkdir()
    old = tmp_path / "python/ringside_client/shapes/wagers.py"
    old.touch()
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    assert "python/ringside_client/shapes/wagers.py" in files.present()
    files.write()
    assert not old.exists()
    written = files.present()
    monkeypatch.undo()
    assert written == files.present()


def test_they_have_every_call() -> None:
    contract = schemas.contract()
    methods = {name for name in dir(Calls) if not name.startswith("_")}
    assert methods == {"call", *(call.name for call in contract.calls)}
    assert {"rooms_markets_post", "markets_bets_post", "auth_token_post"} <= methods
    keyed = {call.name: call.idempotency_key for call in contract.calls if call.idempotency_key}
    assert keyed.items() >= {
        "rooms_post": "key", "rooms_markets_post": "key", "markets_duplicate_post": "key",
        "markets_bets_post": "bet_id",
    }.items()  # fmt: skip


def test_the_calls_of_the_readme_are_there() -> None:
    table = re.findall(r"^\| [a-z ]+ \| (`.+`) \|$", README.read_text(), re.MULTILINE)
    named = {name for line in table for name in re.findall(r"\w+", line)}
    assert "rooms_markets_post" in named
    assert {name for name in named if not hasattr(Calls, name)} == set()


@pytest.mark.parametrize("example", ["python/examples/bot.py", "typescript/examples/odds.html"])
def test_its_example_is_short(example: str) -> None:
    lines = (FOLDER / example).read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 35


def test_the_python_client_needs_nothing_of_the_server() -> None:
    own = {"ringside_client", "httpx", "msgspec", "websockets"}
    for path in (FOLDER / "python/ringside_client").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                _assert_known(node.module or "", own)
            elif isinstance(node, ast.Import):
                for each in node.names:
                    _assert_known(each.name, own)


def test_the_python_client_has_the_version_of_the_house() -> None:
    project = tomllib.loads((FOLDER / "python/pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_the_python_client_installs_all_its_folders() -> None:
    project = tomllib.loads((FOLDER / "python/pyproject.toml").read_text())
    modules = (FOLDER / "python").rglob("ringside_client/**/*.py")
    folders = {path.parent.relative_to(FOLDER / "python") for path in modules}
    packages = project["tool"]["setuptools"]["packages"]
    assert sorted(packages) == sorted(".".join(folder.parts) for folder in folders)


def _assert_known(module: str, own: set[str]) -> None:
    name = module.partition(".")[0]
    assert name in own or name in sys.stdlib_module_names, module
