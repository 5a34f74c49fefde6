"""What the roles of a club do in its rooms, beside what is given in the rooms themselves."""

from contextlib import suppress
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from rooms import access, clubs, opening
from rooms.fanout import hub
from rooms.models import Club, ClubMembership, Membership, Room, RoomAct
from rooms.people import moderation
from rooms.tests.people import Caller, code_of, somebody
from web.refusals import CODES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("rooms.tests.urls")]


@pytest.fixture
def club() -> Club:
    """A club of Hana, with a room of Odo in it where Mo is."""
    hana = User.objects.create_superuser("Hana", "hana@example.org", "correct horse battery")
    club = Club.objects.create(slug="harbour-bar", title="Harbour Bar", owner=hana)
    clubs.give_to(hana, club, hana)
    room = opening.open_room(
        somebody("Odo"), key=None, club=club, title="First", visibility="public"
    )
    access.enter(somebody("Mo"), room)
    return club


def place(nickname: str) -> Membership:
    return Membership.objects.select_related("user", "room").get(user__nickname=nickname)


def give(club: Club, role: str) -> None:
    assert club.owner
    clubs.give_role(club.owner, club, place("Mo").user_id, role)


@pytest.mark.parametrize("role", ["moderator", "cohost"])
def test_it_takes_no_role_away_that_the_room_gave(club: Club, role: str) -> None:
    moderation.give_role(place("Odo").user, place("Mo"), role)
    for of_club in ("moderator", "member"):
        give(club, of_club)
        assert place("Mo").role == role
    access.leave(place("Mo").user, place("Mo").room)
    access.enter(place("Mo").user, place("Mo").room)
    assert place("Mo").role == role


def test_it_gives_none_back_that_the_room_took_away(club: Club) -> None:
    give(club, "moderator")
    moderation.give_role(place("Odo").user, place("Mo"), "player")
    for of_club in ("member", "moderator"):
        give(club, of_club)
        assert place("Mo").role == "player"
    moderation.give_role(place("Odo").user, place("Mo"), "moderator")
    give(club, "member")
    assert place("Mo").role == "player", "what the club gives goes with it again"


@pytest.mark.parametrize("until_ms", [0, None])
def test_it_promotes_nobody_who_was_sent_away(club: Club, until_ms: int | None) -> None:
    moderation.send_away(place("Odo").user, place("Mo"), until_ms=until_ms)
    give(club, "moderator")
    assert place("Mo").role == "player"
    assert not RoomAct.objects.filter(what="make_moderator").exists()
    moderation.unban(place("Odo").user, place("Mo"))
    access.enter(place("Mo").user, place("Mo").room)
    assert place("Mo").role == "player"


def test_it_counts_for_somebody_who_left_when_they_come_back(club: Club) -> None:
    for of_club, role in (("moderator", "moderator"), ("member", "player")):
        access.leave(place("Mo").user, place("Mo").room)
        give(club, of_club)
        assert not RoomAct.objects.filter(what="make_moderator").exists()
        access.enter(place("Mo").user, place("Mo").room)
        assert place("Mo").role == role


@pytest.mark.parametrize(
    ("of_club", "role", "is_given_here"),
    [
        ("owner", "cohost", False), ("owner", "moderator", True), ("owner", "player", True),
        ("moderator", "moderator", False), ("moderator", "player", True),
        ("moderator", "cohost", True), ("member", "player", False), ("member", "moderator", True),
    ],
)  # fmt: skip
def test_the_migration_tells_which_roles_were_given_in_rooms(
    club: Club, of_club: str, role: str, is_given_here: bool
) -> None:
    ClubMembership.objects.filter(user=place("Mo").user).update(role=of_club)
    Membership.objects.filter(user=place("Mo").user).update(role=role)
    keep_roles()
    assert (place("Mo").role, place("Mo").role_given_here) == (role, is_given_here)
    access.leave(place("Mo").user, place("Mo").room)
    access.enter(place("Mo").user, place("Mo").room)
    assert place("Mo").role == role


@pytest.mark.parametrize("state", ["removed", "banned"])
def test_the_migration_takes_the_role_of_those_who_were_sent_away(club: Club, state: str) -> None:
    Membership.objects.filter(user=place("Mo").user).update(role="moderator", state=state)
    keep_roles()
    assert (place("Mo").role, place("Mo").role_given_here) == ("player", True)
    assert place("Odo").role == "host"


def keep_roles() -> None:
    """What the migration does once it has added the column."""
    import_module("rooms.migrations.0019_role_given_here").keep_roles(apps, None)


def test_it_holds_the_role_of_the_club_until_somebody_is_in(club: Club) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one write at a time anyway.")
    access.leave(place("Mo").user, place("Mo").room)
    with CaptureQueriesContext(connection) as asked:
        access.enter(place("Mo").user, place("Mo").room)
    held = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    assert sum("FROM `rooms_clubmembership`" in sql for sql in held) == 1


def test_it_holds_the_places_that_it_changes(club: Club) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one write at a time anyway.")
    assert club.owner
    with CaptureQueriesContext(connection) as asked:
        give(club, "moderator")
        clubs.give_to(club.owner, club, place("Mo").user)
    held = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    assert sum("FROM `rooms_membership`" in sql for sql in held) == 2
    assert sum("FROM `rooms_clubmembership`" in sql for sql in held) == 3


def test_a_repeat_gets_the_first_answer_though_the_right_has_gone(club: Club) -> None:
    give(club, "moderator")
    caller = Caller(place("Mo").user)
    body = {"title": "Quiz", "visibility": "public", "club": club.slug, "key": str(uuid4())}
    first = caller.ask("POST", "rooms/", body)
    assert first.status_code == 201
    Room.objects.filter(code=first.json()["code"]).update(status="ended")
    ClubMembership.objects.filter(club=club, role="moderator").update(role="member")
    again = caller.ask("POST", "rooms/", body)
    assert (again.status_code, again.json()["code"]) == (201, first.json()["code"])
    body |= {"title": "Other", "key": str(uuid4())}
    assert code_of(caller.ask("POST", "rooms/", body)) == "forbidden"


@pytest.mark.urls("config.urls")
def test_an_operator_is_told_in_words_that_an_owner_keeps_the_role(club: Club) -> None:
    assert club.owner
    browser = Client()
    browser.force_login(club.owner)
    row = ClubMembership.objects.get(club=club, role="owner")
    page = f"/admin/rooms/clubmembership/{row.pk}/change/"
    answer = browser.post(page, {}, follow=True)
    assert answer.status_code == 200
    assert [str(told) for told in answer.context["messages"]] == [str(CODES["forbidden"][1])]


def test_sockets_hear_of_a_change_once_it_is_committed_or_not_at_all(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as told:
        with suppress(ValueError), transaction.atomic():
            hub.post_recheck(1)
            raise ValueError
        assert told == []
        hub.post_recheck(1)
    assert len(told) == 1
