"""A whole private house for a test: `./ringside run` on a free port, with the settings asked for.

    pytestmark = pytest.mark.server

    def test_it_answers(house: House) -> None: …              # shared by a module
    def test_it_scales(open_house: OpenHouse) -> None:
        house = open_house(LIMITS_SCALE="1000", WEB_WORKERS="2")   # one of its own

With RINGSIDE_ENGINES=real the house gets a MariaDB and two Redis of its own.
"""

import re
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from launcher.private_house import House, private_house
from tests.engines import HOME, PAIR

# A signed token, or a ticket as a handshake carries it.
SECRETS = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|ticket\.[\w-]{16,}")

OpenHouse = Callable[..., House]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    lines = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [line.getsockname()[1] for line in lines]
    for line in lines:
        line.close()
    return ports


@contextmanager
def house_in(
    folder: Path, *, options: tuple[str, ...] = ("--no-crowd",), **settings: str
) -> Iterator[House]:
    """A house in a folder of its own, on the engines that RINGSIDE_ENGINES names; stopped after."""
    # The houses of one session share what is collected, which costs each a second.
    settings = {"STATIC_ROOT": str(HOME / "static"), **settings}
    with private_house(folder, options=options, has_servers=PAIR == "real", **settings) as house:
        yield house
    # Whatever a test did with its house, nothing that opens a door was written down.
    for name, said in house.logs().items():
        assert not SECRETS.search(said), f"{name} holds a token or a ticket"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One house for a test module; without crowd."""
    with tempfile.TemporaryDirectory(prefix="house-") as folder, house_in(Path(folder)) as made:
        yield made


@pytest.fixture
def open_house() -> Iterator[OpenHouse]:
    """Opens houses with settings of their own; all are closed at the end of the test."""
    with ExitStack() as stack:

        def open_one(*options: str, **settings: str) -> House:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="house-"))
            chosen = options or ("--no-crowd",)
            return stack.enter_context(house_in(Path(folder), options=chosen, **settings))

        yield open_one
