"""Rooms and people are found in any alphabet, however their names and the words are written."""

from unicodedata import normalize

import pytest
from django.apps import apps

from accounts.models import User
from rooms import access, opening
from rooms.models import Membership, Room
from rooms.people import renaming
from rooms.tests.people import Caller, room_of, somebody
from web.folding import fill, folded

pytestmark = [pytest.mark.django_db, pytest.mark.urls("rooms.tests.urls")]

# A title or name, and words that find it.
FOUND = [
    ("Пивная на углу", "ПИВНАЯ"),
    ("ΟΔΥΣΣΕΥΣ ΤΟ ΚΑΦΕ", "οδυσσευς"),
    ("Café Ürün", "CAFE\u0301 ÜRÜN"),
    ("SCHNECKEN IN DER STRASSE", "straße"),
    ("Große Straße", "GROSSE STRASSE"),
    ("İstanbul Derbisi", "istanbul"),
    ("ISPARTA", "ısparta"),
    ("달팽이 경주", normalize("NFD", "달팽이")),
    ("ＦＵＬＬ ｗｉｄｔｈ", "full WIDTH"),
    ("ﾊﾞｰ東京", "バー東京"),
    ("می\u200cخواهم", "میخواهم"),
    ("ԵՐԵՎԱՆ", "երեվան"),
    ("Tiếng Việt", normalize("NFD", "TIẾNG")),
    ("50 % off_now", "50 % OFF_"),
]  # fmt: skip


def titles(words: str) -> list[str]:
    answer = Caller().get("/api/rooms/", {"q": words})
    return [room["title"] for room in answer.json()["results"]]


@pytest.mark.parametrize(("title", "words"), FOUND)
def test_it_finds_a_room_by_its_title(title: str, words: str) -> None:
    host = somebody("Hana")
    room_of(host, title="Other % things")
    room = room_of(host, title=normalize("NFC", title))
    assert titles(words) == titles(title) == [room.title]
    assert titles("nothing like it") == []


def test_it_finds_a_room_by_the_title_it_was_given_later() -> None:
    room = room_of(somebody("Hana"), title="Кафе")
    opening.change_room(room, title="Пивная")
    assert (titles("КАФЕ"), titles("ПИВНАЯ")) == ([], ["Пивная"])


@pytest.mark.parametrize(("name", "words"), [each for each in FOUND if len(each[0]) <= 20])
def test_it_finds_a_member_by_name(name: str, words: str) -> None:
    host = somebody("Hana")
    room = room_of(host)
    user = somebody(name)
    access.enter(user, room)
    answer = Caller(host).get(f"/api/rooms/{room.code}/members/", {"q": normalize("NFC", words)})
    found = [person["user"]["nickname"] for person in answer.json()["results"]]
    assert found == [name]


def test_a_nickname_is_searched_as_it_is_now() -> None:
    user = somebody("Ёжик")
    assert user.nickname_folded == folded("Ёжик")
    renaming.rename(user, "Åsa")
    assert User.objects.get(nickname_folded__folded="ÅSA").pk == user.pk


def test_rows_of_before_are_folded_when_the_column_comes() -> None:
    room = room_of(somebody("Hana"), title="Пивная")
    Room.objects.update(title_folded="")
    assert titles("ПИВНАЯ") == []
    fill(apps.get_model("rooms", "Room"), "title_folded")
    assert titles("ПИВНАЯ") == [room.title]


def test_signs_of_a_pattern_are_letters_as_others() -> None:
    host = somebody("Hana")
    room_of(host, title="100% fun")
    room_of(host, title="1000 snails")
    assert titles("0%") == ["100% fun"]
    assert titles("_") == titles("\\") == []
    assert Membership.objects.filter(shown_as__folded="%").count() == 0
