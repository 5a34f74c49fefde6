"""The house that people visit in these tests, unless a module opens one of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.private_house import House
from tests.servers import house_in


def _open() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000", HOSTS_MAY_MAKE_CLUBS="true") as made,
    ):
        yield made


@pytest.fixture(scope="session")
def shared_house() -> Iterator[House]:
    """A house that lets more guests in than one address may bring in a minute."""
    yield from _open()


@pytest.fixture(scope="module")
def own_house() -> Iterator[House]:
    """A house for a module that counts what is in it, or leaves it changed."""
    yield from _open()


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    """The house that the modules share: in it are rooms and people of other tests."""
    return shared_house
