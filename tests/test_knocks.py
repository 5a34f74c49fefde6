"""Each knock at a socket while the database is away: one 503, one line of log, no traceback."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest import mock

import pytest
from django.db import OperationalError, connections
from django.urls import path
from websockets.exceptions import InvalidStatus

from accounts.auth import tokens
from accounts.models import User
from locations.consumers import LocationConsumer
from rooms import access
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomServer
from web import threads

KNOCKS = 5
NOWHERE = "/nowhere/at.all"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server() -> Iterator[RoomServer]:
    with RoomServer(path("ws/locations/", LocationConsumer.as_asgi())) as made:  # type: ignore[arg-type]
        yield made


@contextmanager
def database_away() -> Iterator[None]:
    """Threads that read for sockets find no database where theirs should be."""
    known = connections.settings["default"]
    if connections["default"].vendor == "sqlite":
        elsewhere = {"NAME": NOWHERE}
    else:
        elsewhere = {"OPTIONS": {**known["OPTIONS"], "unix_socket": NOWHERE}}
    with (
        ThreadPoolExecutor(max_workers=1) as fresh,
        mock.patch.dict(known, elsewhere),
        mock.patch.object(threads, "_pool", fresh),
    ):
        yield


def knock(
    server: RoomServer, path: str, headers: dict[str, str], log: pytest.LogCaptureFixture
) -> None:
    """Knock five times, and look at the answers and the log."""
    log.clear()
    log.set_level(logging.INFO)
    answers = []
    for _ in range(KNOCKS):
        with pytest.raises(InvalidStatus) as refused:
            server.open(path, additional_headers={**headers})
        answers.append(refused.value.response.status_code)
    assert answers == [503] * KNOCKS
    lines = [record.getMessage() for record in log.records if "handshake" in record.getMessage()]
    assert len(lines) == KNOCKS, lines
    assert [record for record in log.records if record.exc_info] == []


def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.start(user).access}"}


def test_it_answers_each_knock_with_one_503_and_one_line(
    server: RoomServer, caplog: pytest.LogCaptureFixture
) -> None:
    hanna = somebody("Hanna")
    room = room_of(hanna)
    known = bearer(hanna)
    with database_away():
        knock(server, f"/ws/rooms/{room.code}/", {}, caplog)
        for path in (f"/ws/rooms/{room.code}/", "/ws/locations/"):
            knock(server, path, known, caplog)
            assert "database does not answer" in caplog.text


def test_it_answers_so_where_the_database_goes_in_the_middle_of_a_knock(
    server: RoomServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError(2006, "Server has gone away")

    hanna = somebody("Hanna")
    room = room_of(hanna)
    monkeypatch.setattr(access, "look_up", away)
    knock(server, f"/ws/rooms/{room.code}/", bearer(hanna), caplog)
    assert "gone away" in caplog.text
