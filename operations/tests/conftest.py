"""A private bank for tests that harm theirs, and a browser for walks through the admin."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.tests.private_bank import PrivateBank
from tests.browser.browsers import browser, chromium

__all__ = ["browser", "chromium", "private"]


@pytest.fixture
def private(settings: Any) -> Iterator[PrivateBank]:
    with tempfile.TemporaryDirectory(prefix="ringside-gate-") as home:
        found = PrivateBank(Path(home))
        settings.REDIS_BANK_URL = f"unix://{found.socket}"
        yield found
        found.kill()
