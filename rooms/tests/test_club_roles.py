"""Clubs: who may make one, who belongs to it, what its roles open, and rooms in it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from accounts.models import User
from rooms import access, clubs, opening
from rooms.models import Club, ClubMembership, Membership, Room, RoomAct
from rooms.people import forgotten_members
from rooms.tests.people import Caller, code_of, room_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.urls("rooms.tests.urls")]


def registered(nickname: str) -> User:
    return User.objects.create_user(nickname, f"{nickname.lower()}@example.org", "correct horse")


def club_of(owner: User, title: str = "Harbour Bar") -> Club:
    with override_settings(HOSTS_MAY_MAKE_CLUBS=True):
        return clubs.make(owner, title)


def made(caller: Caller, title: str = "Harbour Bar", **fields: Any) -> str:
    return code_of(caller.ask("POST", "clubs/", {"title": title, **fields}))


def role_of(room: Room, user: User) -> str:
    return Membership.objects.get(room=room, user=user).role


def test_a_registered_host_makes_one_where_the_house_lets_them() -> None:
    hana, guest = Caller(registered("Hana")), Caller(somebody("Gus"))
    assert made(hana) == "forbidden"
    with override_settings(HOSTS_MAY_MAKE_CLUBS=True):
        assert made(guest) == "forbidden"
        assert made(Caller()) == "sign_in"
        assert made(hana, "") == "malformed"
        assert made(hana) == "ok"
    assert [row["slug"] for row in hana.ask("GET", "clubs/").json()["results"]] == ["harbour-bar"]


def test_an_operator_makes_one_in_any_house() -> None:
    operator = User.objects.create_superuser("Opa", "opa@example.org", "correct horse battery")
    assert made(Caller(operator)) == "ok"


@override_settings(HOSTS_MAY_MAKE_CLUBS=True)
def test_the_same_key_is_the_same_club_and_a_taken_word_gets_a_code() -> None:
    hana, key = Caller(registered("Hana")), str(uuid4())
    first = hana.ask("POST", "clubs/", {"title": "항구", "key": key}).json()
    assert hana.ask("POST", "clubs/", {"title": "항구", "key": key}).json() == first
    assert first["slug"].startswith("club-")
    words = {club_of(registered(name), "Harbour Bar").slug for name in ("Odo", "Ida")}
    assert len(words) == 2 and all(word.startswith("harbour-bar") for word in words)


@override_settings(HOSTS_MAY_MAKE_CLUBS=True)
def test_nobody_makes_many_on_one_day() -> None:
    hana = Caller(registered("Hana"))
    assert [made(hana, f"Club {number}") for number in range(4)] == ["ok"] * 3 + ["too_fast"]


def test_its_rooms_have_its_coins_and_who_enters_belongs_to_it() -> None:
    hana, ana = registered("Hana"), somebody("Ana")
    club = club_of(hana)
    body = {"title": "Quiz", "visibility": "public", "club": club.slug}
    room = Caller(hana).ask("POST", "rooms/", body).json()
    assert room["club"] == club.slug
    access.enter(ana, Room.objects.get(code=room["code"]))
    assert clubs.role_in(ana, club) == "member"
    listed = Caller().ask("GET", f"rooms/?club={club.slug}").json()["results"]
    assert [each["code"] for each in listed] == [room["code"]]
    assert Caller().ask("GET", "rooms/?club=elsewhere").json()["results"] == []
    assert clubs.role_in(ana, room_of(somebody("Odo")).club) is None


def test_who_may_open_rooms_in_it() -> None:
    hana, mo, ana = registered("Hana"), somebody("Mo"), somebody("Ana")
    club = club_of(hana)
    first = opening.open_room(hana, key=None, club=club, title="First", visibility="public")
    for user in (mo, ana):
        access.enter(user, first)
    clubs.give_role(hana, club, mo.pk, "moderator")
    body = {"title": "Quiz", "visibility": "public", "club": club.slug}

    def opened(user: User) -> str:
        return code_of(Caller(user).ask("POST", "rooms/", body))

    assert [opened(user) for user in (hana, mo, ana)] == ["ok", "ok", "forbidden"]
    assert opened(somebody("Odo")) == "forbidden"
    change = {"members_may_open_rooms": True}
    assert code_of(Caller(mo).ask("PATCH", f"clubs/{club.slug}/", change)) == "forbidden"
    assert code_of(Caller(hana).ask("PATCH", f"clubs/{club.slug}/", change)) == "ok"
    assert opened(ana) == "ok"
    body["club"] = "elsewhere"
    assert opened(ana) == "not_found"


def test_its_roles_count_in_its_rooms() -> None:
    hana, mo, odo = registered("Hana"), somebody("Mo"), somebody("Odo")
    club = club_of(hana)
    rooms = [
        opening.open_room(odo, key=None, club=club, title=title, visibility="public")
        for title in ("First", "Second")
    ]
    access.enter(hana, rooms[0])
    access.enter(mo, rooms[0])
    path = f"clubs/{club.slug}/members/{mo.pk}/"
    assert code_of(Caller(odo).ask("POST", path, {"role": "moderator"})) == "forbidden"
    for _again in range(2):
        assert code_of(Caller(hana).ask("POST", path, {"role": "moderator"})) == "ok"
    access.enter(mo, rooms[1])
    assert [role_of(rooms[0], hana), role_of(rooms[0], odo)] == ["cohost", "host"]
    assert [role_of(room, mo) for room in rooms] == ["moderator", "moderator"]
    assert RoomAct.objects.filter(of=mo, what="make_moderator").count() == 1
    assert code_of(Caller(hana).ask("POST", path, {"role": "member"})) == "ok"
    assert [role_of(room, mo) for room in rooms] == ["player", "player"]
    assert code_of(Caller(hana).ask("POST", path, {"role": "owner"})) == "malformed"
    itself = f"clubs/{club.slug}/members/{hana.pk}/"
    assert code_of(Caller(hana).ask("POST", itself, {"role": "member"})) == "forbidden"
    nobody = f"clubs/{club.slug}/members/{somebody('Ida').pk}/"
    assert code_of(Caller(hana).ask("POST", nobody, {"role": "member"})) == "not_found"


def test_its_members_are_listed_for_those_who_run_it() -> None:
    hana, ana = registered("Hana"), somebody("Ana")
    club = club_of(hana)
    room = opening.open_room(hana, key=None, club=club, title="First", visibility="public")
    access.enter(ana, room)
    path = f"clubs/{club.slug}/members/"
    shown = Caller(hana).ask("GET", path).json()["results"]
    assert [(row["user"]["nickname"], row["role"]) for row in shown] == [
        ("Ana", "member"), ("Hana", "owner"),
    ]  # fmt: skip
    assert code_of(Caller(ana).ask("GET", path)) == "forbidden"
    assert code_of(Caller().ask("GET", path)) == "sign_in"


def test_a_member_leaves_and_an_owner_stays() -> None:
    hana, ana = registered("Hana"), somebody("Ana")
    club = club_of(hana)
    clubs.join(ana, club)
    path = f"clubs/{club.slug}/leave/"
    assert [code_of(Caller(ana).ask("POST", path)) for _again in range(2)] == ["ok", "ok"]
    assert clubs.role_in(ana, club) is None
    assert code_of(Caller(hana).ask("POST", path)) == "forbidden"


def test_another_owner_has_the_roles_of_an_owner() -> None:
    hana, ida = registered("Hana"), somebody("Ida")
    club = club_of(hana)
    room = opening.open_room(somebody("Odo"), key=None, club=club, title="1st", visibility="public")
    access.enter(hana, room)
    access.enter(ida, room)
    operator = User.objects.create_superuser("Opa", "opa@example.org", "correct horse battery")
    assert clubs.give_to(operator, club, ida) == [room.pk, room.pk]
    assert [clubs.role_in(user, club) for user in (hana, ida)] == ["member", "owner"]
    assert [role_of(room, user) for user in (hana, ida)] == ["player", "cohost"]


def test_it_is_left_to_the_operators_when_its_owner_is_forgotten() -> None:
    hana = registered("Hana")
    club = club_of(hana)
    forgotten_members.forget(hana)
    assert not ClubMembership.objects.filter(user=hana).exists()
    assert Club.objects.get(pk=club.pk).owner is None


def test_a_moderator_who_leaves_moderates_no_longer_and_belongs_again_by_entering() -> None:
    hana, mo = registered("Hana"), somebody("Mo")
    club = club_of(hana)
    room = opening.open_room(hana, key=None, club=club, title="First", visibility="public")
    access.enter(mo, room)
    clubs.give_role(hana, club, mo.pk, "moderator")
    assert code_of(Caller(mo).ask("POST", f"clubs/{club.slug}/leave/")) == "ok"
    assert role_of(room, mo) == "player" and clubs.role_in(mo, club) is None
    access.leave(mo, room)
    access.enter(mo, room)
    assert (role_of(room, mo), clubs.role_in(mo, club)) == ("player", "member")


def test_a_page_of_clubs_costs_no_query_for_each(django_assert_max_num_queries: Any) -> None:
    hana = somebody("Hana")
    for number in range(9):
        clubs.join(hana, Club.objects.create(slug=f"club-{number}", title=f"Club {number}"))
    caller = Caller(hana)
    with django_assert_max_num_queries(6):
        assert len(caller.ask("GET", "clubs/").json()["results"]) == 9
