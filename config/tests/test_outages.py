"""The database away: a sentence for people, a code for machines, no 500."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.outages import SayUnavailable


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


def test_it_leaves_our_own_mistakes_alone() -> None:
    assert answer_to("/", ValueError()) is None
