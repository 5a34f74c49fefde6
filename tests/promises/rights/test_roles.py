"""docs/roles.md tells the truth: every cell of the table is tried as every role."""

import pytest
from django.test import override_settings

from docs import roles
from rooms.access import RIGHTS
from rooms.models import Membership, Room
from rooms.tests.people import Caller, code_of, member, room_of, somebody

pytestmark = pytest.mark.django_db


def test_it_shows_the_rights_as_they_are() -> None:
    assert roles.PAGE.read_text() == roles.page(), "docs/roles.py: roles.write()"
    assert set(roles.WORDS) == set(RIGHTS)


def caller_of(role: str, room: Room) -> Caller:
    """Somebody of a role in a room; a screen is nobody."""
    if role == "screen":
        return Caller()
    if role == "host":
        return Caller(room.host)
    if role == "stranger":
        return Caller(somebody("Bo"))
    if role == "operator":
        user = somebody("Opa")
        user.is_staff = user.is_superuser = True
        user.save()
        return Caller(user)
    user = member(room, "Rolf", "player" if role == "banned" else role)
    if role == "banned":
        Membership.objects.filter(room=room, user=user).update(state="banned")
    return Caller(user)


def call_of(act: str, room: Room) -> tuple[str, str, object]:
    """The call that does an act, in a room with a player to act on."""
    ana = member(room, "Ana")
    if act in ("speak", "read_chat"):
        return ("POST" if act == "speak" else "GET"), "chat/", act == "speak" and {"text": "Hi"}
    if act == "delete_line":
        answer = Caller(ana).ask("POST", f"rooms/{room.code}/chat/", {"text": "Abuse"})
        return "DELETE", f"chat/{answer.json()['id']}/", None
    questions = {"question": "Rain?", "outcomes": ["Yes", "No"], "open": False}
    calls = {
        "see_members": ("GET", "members/", None),
        "see_evening": ("GET", "evening/", None),
        "offer_seat": ("POST", "seats/", {"role": "cohost"}),
        "offer_screen": ("POST", "screens/", None),
        "offer_key": ("POST", "keys/", {"name": "Bot", "rights": ["read"]}),
        "change_room": ("PATCH", "", {"title": "New", "chat_mode": "off"}),
        "end_room": ("POST", "end/", None),
        "read_acts": ("GET", "acts/", None),
        "run_questions": ("POST", "markets/", questions),
    }
    return calls.get(act) or ("POST", f"members/{ana.pk}/", {"action": act})


@pytest.mark.parametrize("act", RIGHTS)
@pytest.mark.parametrize("role", roles.roles())
def test_it_lets_each_role_do_what_the_table_says(act: str, role: str) -> None:
    room = room_of(somebody("Hanna"))
    caller = caller_of(role, room)
    method, path, body = call_of(act, room)
    said = code_of(caller.ask(method, f"rooms/{room.code}/{path}", body or None))
    if roles.may(role, act):
        assert said == "ok"
    else:
        assert said in ("forbidden", "not_member", "sign_in")


@override_settings(
    STORAGES={
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
)
def test_it_gives_every_role_the_same_page() -> None:
    room = room_of(somebody("Hanna"))
    pages = (
        f"/r/{room.code}/",
        f"/r/{room.code}/screen/",
        f"/r/{room.code}/evening/",
        "/me/",
        "/seat/",
        "/",
    )
    callers = [caller_of(role, room) for role in roles.roles()]
    for page in pages:
        told = {caller.get(page).content for caller in callers}
        assert len(told) == 1, page
