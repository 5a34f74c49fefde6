"""Every test begins with empty engines and an open gate; those of pages share a browser."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from django.apps import apps
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from django.utils import translation
from django_redis import get_redis_connection
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.hashers import Argon2
from betting import bank
from betting.ledger import trimming
from tests.browser.browsers import browser, chromium, playwright
from tests.engines import PAIR
from web import refusals
from web.contract.descriptions import codes_of

# Named once for all folders, or each would start a browser of its own.
__all__ = ["browser", "chromium", "playwright"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unwanted = set() if config.getoption("--long") else {"long"}
    if PAIR == "real" and config.option.markexpr:
        unwanted.add("once")
    for test in items:
        for mark in ("server", "browser", "storm"):
            if test.get_closest_marker(mark) and f"mark.{mark}" not in _text(test.path):
                raise pytest.UsageError(f"{test.path} must name its mark, or no lane finds it.")
    left_out = [test for test in items if unwanted & set(test.keywords)]
    items[:] = [test for test in items if not unwanted & set(test.keywords)]
    config.hook.pytest_deselected(items=left_out)


@cache
def _text(path: Path) -> str:
    return path.read_text()


@pytest.fixture(scope="session", autouse=True)
def _first_rows_come_back() -> None:
    """A test that commits ends by emptying the database, also of what the migrations wrote."""
    # Those without tables are not told.
    *_others, last = (each for each in apps.get_app_configs() if each.models_module)
    post_migrate.connect(_bring_first_rows_back, sender=last)


# Of these models: what the migrations wrote, as it was when the tables were made.
_first_rows: dict[str, list[Any]] = dict.fromkeys(
    ("contenttypes.ContentType", "auth.Permission", "rooms.Club"), []
)


def _bring_first_rows_back(**_sent: Any) -> None:
    for name, rows in _first_rows.items():
        model = apps.get_model(name)
        if rows:
            model.objects.bulk_create(rows, ignore_conflicts=True)
        else:
            _first_rows[name] = list(model.objects.all())
    # To look for each permission anew would cost as much as a test.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(scope="session", autouse=True)
def _refusals_are_described() -> None:
    """Every refusal in every test is one that the schema tells of its call."""
    APIView.get_exception_handler = _handler_that_compares  # type: ignore[assignment, method-assign]


def _handler_that_compares(view: APIView) -> Callable[..., Response | None]:
    def answer(error: Exception, context: dict[str, Any]) -> Response | None:
        response = refusals.answer(error, context)
        handler = getattr(view, str(view.request.method).lower(), None)
        if response is not None and hasattr(handler, "call"):
            code = response.data["error"]["code"]
            described = codes_of(view, str(view.request.method), view.kwargs)
            assert code in described, f"{code} is no refusal that {view} describes"
        return response

    return answer


# Clubs that tests may use without further ado.
CLUBS = range(1, 9)
_begin = [bank.start_epoch(club_id, bank.Head.fresh(epoch=1)) for club_id in CLUBS]
_HEADS = [("FCALL", call.function, len(call.keys), *call.keys, *call.args) for call in _begin]


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Hash with Argon2 at the least it costs; the houses that tests start pay its full price."""
    Argon2.time_cost, Argon2.memory_cost = 1, 8


@pytest.fixture(autouse=True)
def _language() -> None:
    """Forget the language of the last request, which a test's thread would go on in."""
    translation.deactivate()


def _refuse(*_words: object, **_options: object) -> None:
    pytest.fail("A test that runs once, beside one pair of engines, speaks to one.")


@pytest.fixture(autouse=True)
def _empty_engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the last test left, and let the bank decide about fresh clubs."""
    if request.node.get_closest_marker("once"):
        for connections in (redis.connection, redis.asyncio.connection):
            monkeypatch.setattr(connections.AbstractConnection, "send_packed_command", _refuse)
        return
    get_redis_connection("default").flushall()
    bank.load_library()
    bank.each_primary("FLUSHALL")
    begun = bank.primaries()[0].send(_HEADS)
    assert all(reply[0] == "done" for reply in begun), begun
    bank.open_gate()
    # What this process saw of journals that are gone.
    trimming._seen.clear()
    trimming._trimmed_to.clear()
