"""docs/keys.md tells the truth: every call is tried with every right."""

from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.auth import bans, tokens
from betting.models import Market, Outcome
from docs import key_rights as page
from rooms.keys import narrow_keys
from rooms.models import Club, Room, RoomAct, RoomKey
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from tests.promises.test_routes import FILLED
from web import limits
from web.times import now_ms

pytestmark = pytest.mark.django_db
CALLS = list(page.calls())
OPEN = [call for call in CALLS if call.right]
QUESTION = {"question": "Rain?", "outcomes": ["Yes", "No"]}


@pytest.fixture
def room() -> Room:
    return room_of(somebody("Hanna"), visibility="unlisted")


def program(room: Room, *rights: str, by: Any = None) -> Caller:
    """A program that has a key of a room with these rights."""
    made = narrow_keys.make(by or room.host, room, name="Bot", rights=rights, days=30)
    return with_key(made[1])


def with_key(text: str, kind: str = "Bearer") -> Caller:
    caller = Caller()
    caller.defaults["HTTP_AUTHORIZATION"] = f"{kind} {text}"
    return caller


def question(room: Room, *, is_draft: bool = False, **fields: Any) -> int:
    answer = Caller(room.host).ask(
        "POST", f"rooms/{room.code}/markets/", QUESTION | {"open": not is_draft} | fields
    )
    return int(answer.json()["id"])


def asked(call: page.Call, room: Room) -> tuple[str, str, Any]:
    """A call with all that it needs to go well."""
    market_id, body = 0, None
    if "<int:market_id>" in call.path:
        market_id = question(
            room, is_draft="/open/" in call.path or call.method in ("PATCH", "DELETE")
        )
    if call.path.endswith("/settle/"):
        Caller(room.host).ask("POST", f"markets/{market_id}/lock/")
        winner = Outcome.objects.filter(market=market_id).first()
        body = {"winners": [winner and winner.pk], "preview": True}
    elif call.path.endswith("/void/"):
        body = {"reason": "Fog"}
    elif call.path.endswith("/chat/") and call.method == "POST":
        body = {"text": "Hi"}
    elif call.path.endswith("/markets/") and call.method == "POST":
        body = QUESTION
    elif call.method == "PATCH":
        body = {"question": "Snow?"}
    path = call.path.removeprefix("/api/").replace("<str:code>", room.code)
    return call.method, path.replace("<int:market_id>", str(market_id)), body


def test_it_shows_the_rights_as_they_are() -> None:
    assert page.shown() == page.table(), "docs/key_rights.py: key_rights.write()"
    assert {call.right for call in OPEN} == set(narrow_keys.RIGHTS)


@pytest.mark.parametrize("call", OPEN, ids=lambda call: f"{call.method} {call.path}")
def test_it_lets_each_right_do_what_the_table_says(call: page.Call, room: Room) -> None:
    method, path, body = asked(call, room)
    others = [right for right in narrow_keys.RIGHTS if right != call.right]
    for right in others:
        refused = program(room, right).ask(method, path, body)
        assert code_of(refused) == "forbidden", right
        assert refused.json()["error"]["detail"] == {"right": call.right}
    elsewhere = program(room_of(somebody("Otto")), *narrow_keys.RIGHTS)
    assert code_of(elsewhere.ask(method, path, body)) == "not_found"
    # A question without a bet has no result, ends with its lock, and nothing can be taken back.
    said = code_of(program(room, call.right).ask(method, path, body))
    allowed = {
        "/settle/": "already_decided",
        "/result/": "not_found",
        "/withdraw/": "market_not_locked",
    }
    assert said in ("ok", *(code for end, code in allowed.items() if path.endswith(end[1:])))


@mock.patch.dict(limits.LIMITS, {"keys": (limits.Rate(1, 1_000),)})
def test_it_closes_every_other_call_to_every_key(room: Room) -> None:
    bot = program(room, *narrow_keys.RIGHTS)
    for call in CALLS:
        if call.right or call.path.startswith("/api/auth/token/"):
            # Those for other clients look at no sign-in at all.
            continue
        path = call.path.removeprefix("/api/")
        for hole, filling in FILLED.items():
            path = path.replace(hole, room.code if hole == "<str:code>" else filling)
        assert code_of(bot.ask(call.method, path, {})) in ("forbidden", "sign_in"), call
    assert bot.get("/api/me/export/").status_code == 403
    assert Room.objects.get(pk=room.pk).is_live


def test_it_tells_a_key_once_and_keeps_its_hash(room: Room) -> None:
    host = Caller(room.host)
    path = f"rooms/{room.code}/keys/"
    made = host.ask("POST", path, {"name": "Overlay", "rights": ["read", "figures"]}).json()
    [listed] = host.ask("GET", path).json()["results"]
    assert (listed["name"], listed["rights"], listed["used_at_ms"]) == (
        "Overlay", ["read", "figures"], 0,
    )  # fmt: skip
    assert made["key"] not in str(RoomKey.objects.values().get()) + str(listed)
    bot = with_key(made["key"], "Key")
    assert bot.ask("GET", f"rooms/{room.code}/").json()["title"] == room.title
    [listed] = host.ask("GET", path).json()["results"]
    assert listed["used_at_ms"] > now_ms() - 60_000
    for _ in range(2):
        assert host.ask("DELETE", f"{path}{made['id']}/").status_code == 204
    answer = bot.ask("GET", f"rooms/{room.code}/")
    assert (answer.status_code, answer.json()["error"]["detail"]) == (401, {"reason": "revoked"})
    assert host.ask("GET", path).json()["results"] == []
    told = RoomAct.objects.filter(room=room).order_by("pk").values_list("what", "detail")
    assert list(told)[-2:] == [("offer_key", "Overlay"), ("end_key", "Overlay")]


def test_it_counts_a_room_s_keys_while_the_room_is_held(room: Room) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one write at a time anyway.")
    with CaptureQueriesContext(connection) as asked:
        narrow_keys.offer(room.host, room, name="Bot", rights=["read"], days=1)
    sql = [each["sql"] for each in asked]
    [held] = [at for at, one in enumerate(sql) if "FOR UPDATE" in one]
    assert held < min(at for at, one in enumerate(sql) if "FROM `rooms_roomkey`" in one)


def test_it_refuses_keys_that_ask_for_nothing_or_too_much(room: Room) -> None:
    host, path = Caller(room.host), f"rooms/{room.code}/keys/"
    for wrong in (
        {"name": "", "rights": ["read"]}, {"name": "Bot", "rights": []},
        {"name": "Bot", "rights": ["bet"]}, {"name": "Bot", "rights": ["read"], "days": 366},
        {"name": "Bot", "rights": ["read"], "days": 0},
    ):  # fmt: skip
        assert code_of(host.ask("POST", path, wrong)) == "malformed", wrong
    cohost = Caller(member(room, "Coco", "cohost"))
    assert code_of(cohost.ask("POST", path, {"name": "Bot", "rights": ["read"]})) == "forbidden"


def ends(key: RoomKey) -> list[tuple[str, Any]]:
    """What ends a key, besides its host."""
    host = key.by
    return [
        ("its time", lambda: RoomKey.objects.update(expires_at_ms=now_ms() - 1)),
        ("signed out everywhere", lambda: tokens.end_all(host, "ended by owner")),
        ("a ban", lambda: bans.ban(host, "Abuse", by=somebody("Op"))),
        ("inactive", lambda: type(host).objects.filter(pk=host.pk).update(is_active=False)),
        ("another role", lambda: host.memberships.update(role="player")),
        ("another password", lambda: (host.set_password("another long one"), host.save())),
    ]


@pytest.mark.parametrize("number", range(6))
def test_it_is_over_with_what_its_maker_may(room: Room, number: int) -> None:
    bot = program(room, "read")
    path = f"rooms/{room.code}/"
    assert code_of(bot.ask("GET", path)) == "ok"
    why, end = ends(RoomKey.objects.get())[number]
    end()
    assert code_of(bot.ask("GET", path)) == "sign_in", why
    assert narrow_keys.over([RoomKey.objects.get().pk]) == {RoomKey.objects.get().pk}


def test_it_shows_what_is_hidden_to_keys_that_run_questions_alone(room: Room) -> None:
    draft, blind = question(room, is_draft=True), question(room, blind=True)
    reader, runner = program(room, "read"), program(room, "read", "lock")
    assert code_of(reader.ask("GET", f"markets/{draft}/")) == "not_found"
    assert code_of(runner.ask("GET", f"markets/{draft}/")) == "ok"
    figures = [bot.ask("GET", f"markets/{blind}/").json()["coins"] for bot in (reader, runner)]
    assert figures == [None, 0]


def test_it_counts_a_key_apart_from_its_maker(room: Room) -> None:
    host, bot = Caller(room.host), program(room, "chat", "read")
    few = {"chat": (limits.Rate(0.001, 2),), "keys": (limits.Rate(0.001, 5),)}

    def says(who: Caller) -> str:
        return code_of(who.ask("POST", f"rooms/{room.code}/chat/", {"text": "Hello"}))

    with mock.patch.dict(limits.LIMITS, few):
        assert [says(bot) for _ in range(3)] == ["ok", "ok", "too_fast"]
        assert says(host) == "ok"
        calls = [code_of(bot.ask("GET", f"rooms/{room.code}/")) for _ in range(3)]
        assert calls == ["ok", "ok", "too_fast"]
        assert code_of(host.ask("GET", f"rooms/{room.code}/")) == "ok"


def test_it_opens_all_rooms_of_a_club_by_a_key_of_an_operator(room: Room) -> None:
    operator = somebody("Opa")
    operator.is_staff = operator.is_superuser = True
    operator.save()
    _key, text = narrow_keys.make(operator, room.club, name="Club", rights=["read", "ask"], days=1)
    bot = with_key(text)
    for each in (room, room_of(somebody("Otto"))):
        assert code_of(bot.ask("POST", f"rooms/{each.code}/markets/", QUESTION)) == "ok"
    assert Market.objects.count() == 2
    other = Club.objects.create(slug="other", title="Other")
    RoomKey.objects.update(club=other)
    assert code_of(bot.ask("GET", f"rooms/{room.code}/")) == "not_found"
    operator.is_superuser = False
    operator.save()
    assert code_of(bot.ask("GET", f"rooms/{room.code}/")) == "sign_in"


def test_it_takes_nothing_for_a_key_that_is_none(room: Room) -> None:
    for text, kind in (
        ("", "Key"), ("rk_", "Key"), ("rk_made-up", "Key"), ("Bearer", "Key"), ("rk_", "Bearer"),
    ):  # fmt: skip
        answer = with_key(text, kind).ask("GET", f"rooms/{room.code}/")
        assert (code_of(answer), answer.json()["error"]["detail"]) == (
            "sign_in", {"reason": "invalid"},
        )  # fmt: skip
