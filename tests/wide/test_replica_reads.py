"""DATABASE_REPLICA_URL: which reads try a replica, and that they come also without one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.utils import DatabaseError
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation

from accounts.models import User
from betting.tests.evenings import Story
from config.databases import read_databases
from operations import checks, own_copy
from operations.tests.test_admin import PASSWORD, PLAIN_FILES
from rooms import opening
from rooms.models import Club
from tests.servers import free_ports
from web.rows import replica


@pytest.fixture
def dead_replica(caplog: Any) -> Iterator[Callable[[], list[str]]]:
    """A replica that does not answer; what was said of it."""
    [port] = free_ports(1)
    settings = connections.settings[DEFAULT_DB_ALIAS]
    options = {k: v for k, v in settings["OPTIONS"].items() if k != "unix_socket"}
    away = {"HOST": "127.0.0.1", "PORT": port, "OPTIONS": options}
    connections.settings[replica.ALIAS] = {**settings, **away}
    connections[replica.ALIAS] = connections.create_connection(replica.ALIAS)
    # A test is kept from databases that were there when it began, and of other names.
    connections[replica.ALIAS].alias = "away"
    replica._rest = replica._Rest()
    yield lambda: [told.getMessage() for told in caplog.records if "replica" in told.getMessage()]
    del connections.settings[replica.ALIAS], connections[replica.ALIAS]
    replica._rest = replica._Rest()


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class DeadReplicaTests(Story, TransactionTestCase):
    """Each of these reads tries the replica, says so once, and is answered by the primary."""

    @pytest.fixture(autouse=True)
    def _with_dead(self, dead_replica: Callable[[], list[str]]) -> None:
        self.said = dead_replica

    def play(self) -> dict[str, Any]:
        market = self.market()
        for who, place in ((self.ana, 0), (self.bo, 1)):
            self.bet(who, market, place, 50)
        self.step(market, "lock")
        self.settle(market, 0)
        opening.end_room(self.room)
        return market

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Within, the replica is tried, and it is told once that it is not used."""
        replica._rest = replica._Rest()
        before = len(self.said())
        yield
        assert len(self.said()) == before + 1

    def read(self, path: str) -> str:
        with self.tried():
            answer = self.ana.ask("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    def test_what_an_ended_room_shows(self) -> None:
        market = self.play()
        room = f"rooms/{self.room.code}"
        assert "What happens next?" in self.read(f"{room}/evening/")
        assert "ana" in self.read(f"{room}/leaderboard/")
        assert "ana" in self.read(f"markets/{market['id']}/result/")

    def test_the_own_copy_and_the_own_positions(self) -> None:
        market = self.play()
        with self.tried():
            told = b"".join(own_copy.pieces(self.users[0])).decode()
        assert f'"market":{market["id"]}' in told and '"kind":"payout"' in told
        assert '"fixes"' in self.read("locations/export/")

    def test_lists_of_the_admin(self) -> None:
        self.play()
        User.objects.create_superuser("Olga", "olga@example.org", PASSWORD)
        browser = Client()
        browser.force_login(User.objects.get(nickname="Olga"))
        for path in ("rooms/room", "accounts/user", "betting/ledgerentry", "betting/market"):
            with self.tried():
                answer = browser.get(f"/admin/{path}/")
            assert answer.status_code == 200, path


@pytest.mark.django_db(transaction=True)
def test_a_replica_that_does_not_answer_is_not_asked_again_at_once(
    dead_replica: Callable[[], list[str]],
) -> None:
    for _ in range(3):
        assert replica.read(Club.objects.count) == Club.objects.count()
    assert len(dead_replica()) == 1
    until_s = replica._rest.until_s
    assert until_s > 0
    replica._rest.until_s = 0.0
    assert replica.read(Club.objects.count) == Club.objects.count()
    assert replica._rest.until_s > 0 and len(dead_replica()) == 1


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nobody_else_is_asked(dead_replica: Callable[[], list[str]]) -> None:
    with transaction.atomic():
        replica.read(Club.objects.count)
    assert dead_replica() == []


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_question_itself_is_raised(dead_replica: Callable[[], list[str]]) -> None:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM rooms_club")

    with pytest.raises(DatabaseError):
        replica.read(ask)


@pytest.mark.django_db(transaction=True)
def test_check_tells_why_it_is_not_used(dead_replica: Callable[[], list[str]]) -> None:
    if connection.vendor != "mysql":
        pytest.skip("SQLite is one file: nothing follows it")
    [told] = checks.check_replication()
    assert told.id == "ringside.W005" and "DATABASE_REPLICA_URL is not used" in told.msg
    with translation.override("ko"):
        [korean] = checks.check_replication()
    assert korean.msg != told.msg


def test_what_is_written_goes_to_the_primary_wherever_it_was_read() -> None:
    router, club = replica.Router(), Club()
    club._state.db = replica.ALIAS
    assert router.db_for_write(Club, instance=club) == DEFAULT_DB_ALIAS
    assert router.db_for_read(Club, instance=club) == DEFAULT_DB_ALIAS
    token = replica._is_reading.set(True)
    try:
        assert router.db_for_read(Club) == replica.ALIAS
        assert router.db_for_write(Club) == DEFAULT_DB_ALIAS
    finally:
        replica._is_reading.reset(token)
    assert not router.allow_migrate(replica.ALIAS, "rooms")


@pytest.mark.parametrize(
    ("primary", "named"),
    [("sqlite:///x.sqlite3", "mysql://r@db/x"), ("mysql://r@db/x", "sqlite:///x.sqlite3")],
)
def test_a_replica_goes_with_mariadb_alone(
    primary: str, named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", primary)
    monkeypatch.setenv("DATABASE_REPLICA_URL", named)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URL must begin with mysql"):
        read_databases(tmp_path)
