"""A private bank for tests that harm theirs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.tests.private_bank import PrivateBank


@pytest.fixture
def private(settings: Any) -> Iterator[PrivateBank]:
    with tempfile.TemporaryDirectory(prefix="ringside-gate-") as home:
        found = PrivateBank(Path(home))
        settings.REDIS_BANK_URL = f"unix://{found.socket}"
        yield found
        found.kill()
