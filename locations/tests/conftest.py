"""Positions begin every test with an empty live Redis and urls of their own."""

from collections.abc import Iterator

import pytest

from locations import live
from locations.circles import circles


@pytest.fixture(autouse=True)
def _nobody_is_anywhere() -> Iterator[None]:
    live.client().flushdb()
    live.states.clear()
    circles.forget()
    yield


@pytest.fixture(autouse=True)
def _own_urls(settings: pytest.FixtureRequest) -> None:
    settings.ROOT_URLCONF = "locations.tests.urls"
