"""Two live rooms of one host do not look the same."""

from uuid import uuid4

import pytest

from rooms import opening
from rooms.models import Room
from rooms.tests.people import Caller, code_of, room_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.urls("rooms.tests.urls")]


def opened(host: Caller, title: str, **fields: str) -> str:
    body = {"title": title, "visibility": "public", **fields}
    return code_of(host.ask("POST", "rooms/", body))


@pytest.mark.parametrize(
    "alike", ["Quiz night", "QUIZ NIGHT", "Quiz  night", "Ｑｕｉｚ night", "Quіz nіght"]
)
def test_a_second_one_that_looks_the_same_is_refused(alike: str) -> None:
    host = Caller(somebody("Hana"))
    key = str(uuid4())
    assert opened(host, "Quiz night", key=key) == "ok"
    assert opened(host, alike) == "malformed"
    # The same request again is no second room, and others may call theirs so.
    assert opened(host, alike, key=key) == "ok"
    assert opened(Caller(somebody("Odo")), alike) == "ok"


def test_a_title_is_free_again_once_its_room_has_ended() -> None:
    hana = somebody("Hana")
    room, host = room_of(hana, title="Quiz night"), Caller(hana)
    other = room_of(hana, title="Another")
    change = {"title": "QUIZ NIGHT"}
    path = f"rooms/{other.code}/"
    assert code_of(host.ask("PATCH", path, change)) == "malformed"
    assert Room.objects.get(pk=other.pk).title == "Another"
    # Its own title in other capitals is no other room's.
    assert code_of(host.ask("PATCH", f"rooms/{room.code}/", change)) == "ok"
    opening.end_room(room)
    assert code_of(host.ask("PATCH", path, change)) == "ok"
    assert opened(host, "Another") == "ok"
