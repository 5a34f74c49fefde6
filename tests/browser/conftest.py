"""The house that people visit in these tests, unless a module opens one of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.private_house import House
from tests.servers import house_in


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One that lets more guests in than one address may bring in a minute."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="100") as made,
    ):
        yield made
