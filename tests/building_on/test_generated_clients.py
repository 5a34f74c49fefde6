"""The typed halves of the clients say what the schemas say."""

import ast
import sys
import tomllib

import pytest

from clients.generator import files, schemas
from launcher.venv import VERSION

FOLDER = files.FOLDER


def test_they_are_as_the_schemas_have_them() -> None:
    stale = [name for name, text in files.files().items() if (FOLDER / name).read_text() != text]
    assert stale == [], "Run `python -m clients.generator`."


def test_they_have_every_call() -> None:
    contract = schemas.contract()
    tree = ast.parse((FOLDER / "python/ringside_client/api_calls.py").read_text())
    methods = {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    assert methods == {"call", *(call.name for call in contract.calls)}
    assert {"rooms_markets_post", "markets_bets_post", "auth_token_post"} <= methods
    keyed = {call.name: call.idempotency_key for call in contract.calls if call.idempotency_key}
    assert keyed.items() >= {
        "rooms_post": "key", "rooms_markets_post": "key", "markets_duplicate_post": "key",
        "markets_bets_post": "bet_id",
    }.items()  # fmt: skip


@pytest.mark.parametrize("example", ["python/examples/bot.py", "typescript/examples/odds.html"])
def test_its_example_is_short(example: str) -> None:
    lines = (FOLDER / example).read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 35


def test_the_python_client_needs_nothing_of_the_server() -> None:
    own = {"ringside_client", "httpx", "msgspec", "websockets"}
    for path in (FOLDER / "python/ringside_client").glob("*.py"):
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


def _assert_known(module: str, own: set[str]) -> None:
    name = module.partition(".")[0]
    assert name in own or name in sys.stdlib_module_names, module
