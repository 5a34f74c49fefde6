"""Every test begins with empty engines and an open gate."""

import pytest
from django_redis import get_redis_connection

from betting import bank, trimming


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    long = [test for test in items if "long" in test.keywords]
    items[:] = [test for test in items if "long" not in test.keywords]
    config.hook.pytest_deselected(items=long)


# Clubs that tests may use without further ado.
CLUBS = range(1, 9)


@pytest.fixture(autouse=True)
def _empty_engines() -> None:
    """Forget what the last test left, and let the bank decide about fresh clubs."""
    get_redis_connection("default").flushall()
    bank.load_library()
    bank.each_primary("FLUSHALL")
    for club_id in CLUBS:
        bank.run(bank.start_epoch(club_id, bank.Head.fresh(epoch=1)))
    bank.open_gate()
    # What this process saw of journals that are gone.
    trimming._seen.clear()
