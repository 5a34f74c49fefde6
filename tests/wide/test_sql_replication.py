"""What an operator is told of replicas, with the rights that Ringside has in the database."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation

from operations.clock.schedule import Clock, Step
from operations.doctor.replication import Replication, losses, remarks
from tests.engines import HOME
from tests.wide.sql_pair import SqlPair, sql_pair

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not shutil.which("mariadbd"), reason="MariaDB is not installed"),
    pytest.mark.django_db,
]
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def pair() -> Iterator[SqlPair]:
    with (
        tempfile.TemporaryDirectory(prefix="sql-", dir=HOME) as folder,
        sql_pair(Path(folder), is_deployed=True) as made,
    ):
        yield made


@pytest.fixture
def line(pair: SqlPair) -> Iterator[BaseDatabaseWrapper]:
    """A connection to the pair's address, as Ringside makes it."""
    pytest.importorskip("MySQLdb")
    from django.db.backends.mysql.base import DatabaseWrapper  # noqa: PLC0415

    told = {"ENGINE": "django.db.backends.mysql", "NAME": "ringside", "USER": "ringside"}
    told |= {"PASSWORD": "ringside", "HOST": "127.0.0.1", "PORT": pair.port}
    made = DatabaseWrapper(connections.configure_settings({"default": told})["default"], "pair")
    wait_until(lambda: replicas(made) == 1)
    yield made
    made.close()


def wait_until(is_so: object) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def replicas(line: BaseDatabaseWrapper) -> int | None:
    return Replication.read(line).replicas


def lost(line: BaseDatabaseWrapper) -> list[str]:
    return [told for told, _mend in losses(Replication.read(line))]


def test_it_demands_that_a_commit_waits_for_a_replica(
    pair: SqlPair, line: BaseDatabaseWrapper
) -> None:
    # With the files of deploy/ all is well.
    wait_until(lambda: lost(line) == [])
    assert list(remarks(Replication.read(line))) == []
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    [told] = lost(line)
    assert "no COMMIT waits" in told
    with translation.override("ko"):
        assert lost(line) != [told]
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = ON")


def test_it_tells_what_is_left_to_do(pair: SqlPair, line: BaseDatabaseWrapper) -> None:
    pair.replica.ask("SET GLOBAL rpl_semi_sync_slave_enabled = OFF; STOP SLAVE; START SLAVE")
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_COMMIT")
    wait_until(lambda: len(lost(line)) == 2)
    assert "none confirms" in lost(line)[0] and "(AFTER_COMMIT)" in lost(line)[1]
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_timeout = 10000")
    [(told, _mend)] = remarks(Replication.read(line))
    assert "10000 ms" in told
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_timeout = 5000")
    pair.replica.ask("SET GLOBAL rpl_semi_sync_slave_enabled = ON; STOP SLAVE; START SLAVE")
    wait_until(lambda: len(lost(line)) == 1)
    # A replica that confirms says goodbye; another one is seen until the next write.
    pair.replica.ask("STOP SLAVE")
    wait_until(lambda: replicas(line) == 0)
    [(told, _mend)] = remarks(Replication.read(line))
    assert "nobody could take over" in told
    pair.replica.ask("START SLAVE")


def test_a_clock_that_meets_a_read_only_server_says_what_to_do(
    pair: SqlPair, line: BaseDatabaseWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        with line.cursor() as cursor:
            cursor.execute("CREATE TABLE some_table (id INT)")

    pair.primary.ask("SET GLOBAL read_only = ON")
    try:
        Clock(steps=[Step("write", 1, write)]).tick(0)
    finally:
        pair.primary.ask("SET GLOBAL read_only = OFF")
    [told] = caplog.records
    assert "SET GLOBAL read_only = OFF" in told.getMessage() and told.exc_info is None
