"""Every test begins with empty engines and an open gate."""

from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="runs with --long")
    for test in items:
        if "long" in test.keywords:
            test.add_marker(skip)


@pytest.fixture(autouse=True)
def _empty_engines() -> Iterator[None]:
    yield
