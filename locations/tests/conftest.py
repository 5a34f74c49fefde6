"""Tests of positions begin where nobody is, with urls of their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from locations import live
from locations.circles import circles
from web.limits import LIMITS


@pytest.fixture(autouse=True)
def _nobody_is_anywhere() -> Iterator[None]:
    live.states.clear()
    circles.forget()
    yield


@pytest.fixture(autouse=True)
def _own_urls(settings: pytest.FixtureRequest) -> None:
    settings.ROOT_URLCONF = "locations.tests.urls"


@pytest.fixture
def refills_slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a limit refill a thousand times slower, so that no slow moment decides a test."""

    def slow(name: str) -> None:
        rates = tuple(replace(rate, per_s=rate.per_s / 1_000) for rate in LIMITS[name])
        monkeypatch.setitem(LIMITS, name, rates)

    return slow


@pytest.fixture
def operator(settings: Any, db: None) -> Client:
    """A browser in the admin, of somebody who may see everything."""
    settings.ROOT_URLCONF = "locations.tests.admin_urls"
    client = Client()
    client.force_login(User.objects.create_superuser("Op", "op@example.org", None))
    return client
