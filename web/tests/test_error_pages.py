"""The database away: a sentence for people, a code for machines, no 500."""

import logging

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.logs import OneLine
from rooms.api import rooms
from web.server.error_pages import SayUnavailable


def answer_to(path: str, error: Exception) -> HttpResponse | None:
    request: HttpRequest = RequestFactory().get(path)
    return SayUnavailable(lambda _request: HttpResponse()).process_exception(request, error)


def test_it_tells_people_what_to_do() -> None:
    answer = answer_to("/admin/", OperationalError())
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert b"Your coins and bets are safe" in answer.content


@pytest.mark.parametrize("path", ["/api/rooms/", "/in/owntracks/"])
def test_it_tells_machines_that_it_is_not_known(path: str) -> None:
    answer = answer_to(path, OperationalError())
    assert answer is not None
    assert answer.status_code == 503
    assert b'"code": "unavailable"' in answer.content


@pytest.mark.django_db
def test_it_answers_machines_in_the_shape_of_the_protocol_also_when_it_breaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(raise_request_exception=False)
    lost = client.get("/api/nothing/")
    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "not_found")

    def break_down(*_: object) -> None:
        raise ValueError("a mistake of ours with a secret")

    monkeypatch.setattr(rooms.Rooms, "get", break_down)
    broken = client.get("/api/rooms/")
    assert broken.status_code == 500
    assert broken["Content-Type"] == "application/json"
    assert broken.json()["error"]["code"] == "unavailable"
    assert "secret" not in broken.content.decode()
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_it_tells_once_that_the_layer_is_away_and_without_a_traceback() -> None:
    quiet = OneLine()
    log = logging.Logger("channels_redis.pubsub")
    heard: list[logging.LogRecord] = []
    log.addFilter(quiet)
    log.addHandler(_Listener(heard))
    for _ in range(3):
        try:
            raise ConnectionError("refused")
        except ConnectionError:
            log.exception("Unexpected exception in receive task")
    (record,) = heard
    assert "ConnectionError('refused')" in record.getMessage()
    assert record.exc_info is None


def test_it_leaves_our_own_mistakes_alone() -> None:
    assert answer_to("/", ValueError()) is None


class _Listener(logging.Handler):
    def __init__(self, heard: list[logging.LogRecord]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record)
