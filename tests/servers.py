"""A whole private house for a test: `./ringside run` on a free port, with the settings asked for.

    pytestmark = pytest.mark.server

    def test_it_answers(house: House) -> None: …              # shared by a module
    def test_it_scales(open_house: OpenHouse) -> None:
        house = open_house(LIMITS_SCALE="1000", WEB_WORKERS="2")   # one of its own

With RINGSIDE_ENGINES=real the house gets a MariaDB and two Redis of its own.
"""

import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from launcher import processes
from launcher.private_house import House, private_house
from launcher.venv import PYTHON, ROOT
from tests import fork_server
from tests.engines import PAIR, SHARED_HOME

# A signed token, or a ticket as a handshake carries it.
SECRETS = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|ticket\.[\w-]{16,}")

OpenHouse = Callable[..., House]
# Where all lanes of a run keep what they make once; without lanes it is kept for this process.
SCRATCH = Path(os.environ.get("RINGSIDE_SCRATCH", SHARED_HOME))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have houses forked; from here, for the kernel ends what forks with the thread that began."""
    marks = ("server", "browser", "storm")
    has_houses = any(test.get_closest_marker(mark) for test in session.items for mark in marks)
    if has_houses and not session.config.option.collectonly:
        fork_server.running()
        House.begin = staticmethod(fork_server.start)
        House.finish = staticmethod(fork_server.finish)


@pytest.fixture(scope="module")
def cold_starts() -> Iterator[None]:
    """Houses of this module start as everybody's do: every process loads all it needs."""
    warm_ways = House.begin, House.finish
    House.begin, House.finish = staticmethod(processes.start), staticmethod(processes.finish)
    yield
    House.begin, House.finish = (staticmethod(way) for way in warm_ways)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    lines = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [line.getsockname()[1] for line in lines]
    for line in lines:
        line.close()
    return ports


@contextmanager
def house_in(
    folder: Path,
    *,
    options: tuple[str, ...] = ("--no-crowd",),
    has_servers: bool = PAIR == "real",
    has_tables: bool = True,
    port: int = 0,
    **settings: str,
) -> Iterator[House]:
    """A house in a folder of its own, on the engines that RINGSIDE_ENGINES names; stopped after.

    `has_servers` False: its launcher looks after the engines, whatever RINGSIDE_ENGINES names.
    `has_tables` False: it makes its tables itself, which takes a new house half of its start.
    """
    ready = prepared()
    settings = {"STATIC_ROOT": str(ready / "static"), **settings}
    if has_tables and not has_servers and "DATABASE_URL" not in settings:
        _lay_out(ready / "ringside.sqlite3", folder / "data")
    with private_house(
        folder, options=options, has_servers=has_servers, port=port, **settings
    ) as house:
        yield house
    # Whatever a test did with its house, nothing that opens a door was written down.
    for name, said in house.logs().items():
        assert not SECRETS.search(said), f"{name} holds a token or a ticket"


def prepared() -> Path:
    """A folder with migrated tables and collected pages, made once for all houses of a run."""
    folder = SCRATCH / "prepared"
    with (SCRATCH / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = SCRATCH / "prepared.draft"
            draft.mkdir()
            _prepare(draft)
            draft.rename(folder)
    return folder


def _prepare(folder: Path) -> None:
    """Without engines: the gate stays shut, and each house opens its own."""
    house = House(folder, {"DATA_DIR": str(folder), "SECRET_KEY": secrets.token_urlsafe(48)})
    command = [PYTHON, ROOT / "manage.py", "prepare"]
    subprocess.run(command, env=house.env, cwd=ROOT, check=True, capture_output=True)


def _lay_out(tables: Path, data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    if not (data_dir / tables.name).exists():
        shutil.copy(tables, data_dir)


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
