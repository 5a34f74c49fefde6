"""Codes of rooms cannot be guessed, and those who guess hinder nobody else at their address."""

import math
import random
import time
from typing import Any

import pytest
from django.test import TestCase, TransactionTestCase, override_settings
from websockets.exceptions import InvalidStatus

from accounts.models import User
from betting.tests.evenings import Evening
from rooms import access, codes
from rooms.models import Membership
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from rooms.tests.room_server import RoomServer, ending
from tests.promises.test_routes import API, UNSAFE, Route
from web import limits
from web.limits import Rate

# Those that let a user in by the code, and all others.
ENTRIES = [("GET", "", None), ("POST", "enter/", {})]
QUESTION = {"question": "Rain?", "outcomes": ["Yes", "No"]}
MEMBERS_CALLS = [
    ("PATCH", "", {"title": "Mine"}),
    ("POST", "leave/", {}),
    ("POST", "end/", {}),
    ("GET", "chat/", None),
    ("POST", "chat/", {"text": "Hello"}),
    ("DELETE", "chat/1-1/", {}),
    ("GET", "members/", None),
    ("POST", "members/1/", {"action": "mute"}),
    ("GET", "acts/", None),
    ("POST", "seats/", {"role": "cohost"}),
    ("GET", "map/", None),
    ("GET", "presence/", None),
    ("POST", "presence/", {"code": "1234"}),
    ("GET", "screen-code/", None),
    ("GET", "leaderboard/", None),
    ("GET", "evening/", None),
    ("POST", "markets/", QUESTION),
    ("GET", "drafts/", None),
]
BODIES = {
    ("post", "drafts/order/"): {"markets": [1]},
    ("post", "drafts/csv/"): {"csv": "x"},
    ("post", "drafts/copy/"): {"room": "BBBBBB"},
    ("post", "keys/"): {"name": "Overlay", "rights": ["read"]},
    ("post", "webhooks/"): {"url": "https://example.org/hook"},
}
SLOWLY = {"code_misses": (Rate(0.001, 30),)}
# Where it does not matter how often one may guess.
FEW = 4
FEW_MISSES = [(404, "not_found")] * FEW + [(429, "too_fast")]


def asked(caller: Caller, code: str, call: tuple[str, str, Any]) -> tuple[int, str]:
    method, path, body = call
    answer = caller.ask(method, f"rooms/{code}/{path}", body)
    return answer.status_code, code_of(answer)


def shared(caller: Caller, code: str) -> tuple[int, str]:
    answer = caller.ask("PUT", "locations/sharing/", {"room": code, "level": "area"})
    return answer.status_code, code_of(answer)


def copied(caller: Caller, own: str, code: str) -> tuple[int, str]:
    answer = caller.ask("POST", f"rooms/{own}/drafts/copy/", {"room": code})
    return answer.status_code, code_of(answer)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing becomes free while a test guesses; no other limit comes in between."""
    for name, rates in (SLOWLY | {"markets": (Rate(100, 100),)}).items():
        monkeypatch.setitem(limits.LIMITS, name, rates)


@pytest.fixture
def few(slowly: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As slowly, and fewer guesses are allowed than thirty."""
    monkeypatch.setitem(limits.LIMITS, "code_misses", (Rate(0.001, FEW),))


def at(address: str, user: User) -> Caller:
    caller = Caller(user)
    caller.defaults["REMOTE_ADDR"] = address
    return caller


@pytest.mark.django_db
@pytest.mark.parametrize("call", MEMBERS_CALLS)
def test_it_tells_a_stranger_the_same_of_hit_and_miss(call, few):
    hidden = room_of(somebody("Hanna"), visibility="unlisted").code
    sam = somebody("Sam")
    for number, tried in enumerate((hidden, "AAAAAA", "no code")):
        stranger = at(f"192.0.2.{number}", sam)
        assert [asked(stranger, tried, call) for _ in FEW_MISSES] == FEW_MISSES


ROOM_ROUTES = [route for route in API if "rooms/<str:code>/" in route.pattern]
READ_AND_UNSAFE = ("get", *UNSAFE)
CALLS = [
    (route, name)
    for route in ROOM_ROUTES
    for name in READ_AND_UNSAFE
    if hasattr(route.view.cls, name)
]


def body_of(route: Route, method: str) -> Any:
    """What reaches the look-up there: most calls read their body first."""
    path = route.pattern.partition("<str:code>/")[2]
    known = {(verb.lower(), part): body for verb, part, body in ENTRIES + MEMBERS_CALLS}
    return known.get((method, path.replace("<int:user_id>", "1")), BODIES.get((method, path), {}))


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "method"), CALLS)
def test_it_stops_a_guessing_stranger_on_every_route(route, method, few):
    assert len(CALLS) >= 20
    stranger, path = Caller(somebody("Sam")), route.path.removeprefix("/api/")
    answers = []
    for _ in FEW_MISSES:
        answer = stranger.ask(method.upper(), path, body_of(route, method))
        answers.append((answer.status_code, code_of(answer)))
    assert answers == FEW_MISSES


@pytest.mark.django_db
def test_it_tells_a_stranger_the_same_where_a_body_names_the_room(few):
    hidden = room_of(somebody("Hanna"), visibility="unlisted").code
    stranger = somebody("Sam")
    own = room_of(stranger).code
    for number, tried in enumerate((hidden, "AAAAAA")):
        caller = at(f"192.0.2.{number}", stranger)
        assert [shared(caller, tried) for _ in FEW_MISSES] == FEW_MISSES
        caller = at(f"198.51.100.{number}", stranger)
        assert [copied(caller, own, tried) for _ in FEW_MISSES] == FEW_MISSES


@pytest.mark.django_db
@pytest.mark.parametrize("call", ENTRIES)
@pytest.mark.parametrize("is_hit", [True, False])
def test_it_lets_a_stranger_try_thirty_codes_a_minute(call, is_hit, slowly):
    room = room_of(somebody("Hanna"), visibility="unlisted")
    answers = []
    for number in range(31):
        stranger = Caller(somebody(f"S{number}"))
        answers.append(asked(stranger, room.code if is_hit else "AAAAAA", call)[0])
    if is_hit and call[1] == "enter/":
        # Who joins has proven the code: a bar behind one address is not kept out by right ones.
        assert answers == [200] * 31
    else:
        assert answers == [200 if is_hit else 404] * 30 + [429]


@pytest.mark.django_db
def test_it_gives_back_no_more_than_the_room_cost_to_whoever_joins(slowly):
    hidden = room_of(somebody("Hanna"), visibility="unlisted").code
    for number in range(20):
        newcomer = Caller(somebody(f"N{number}"))
        for call in (("GET", "", None), ENTRIES[0], ("POST", "enter/", {})):
            assert asked(newcomer, hidden, call) == (200, "ok")
    guesser = somebody("Sam")
    own = [room_of(somebody(f"O{n}"), visibility="unlisted").code for n in range(40)]
    answers = []
    for number in range(40):
        answers.append(asked(Caller(guesser), "AAAAAA", ENTRIES[0])[0])
        # Rooms of accomplices are joined in between, to no avail.
        asked(Caller(guesser), own[number], ("POST", "enter/", {}))
        asked(Caller(guesser), own[number], ("POST", "enter/", {}))
    assert answers == [404] * 30 + [429] * 10


@pytest.mark.django_db
def test_it_asks_nobody_who_was_ever_in_the_room(slowly):
    room = room_of(somebody("Hanna"), visibility="unlisted")
    ana = member(room, "Ana")
    tries = [asked(Caller(somebody("Sam")), "AAAAAA", ENTRIES[0]) for _ in range(31)]
    assert tries[-1] == (429, "too_fast")
    for caller in (Caller(room.host), Caller(ana)):
        for _ in range(40):
            assert asked(caller, room.code, ("GET", "chat/", None)) == (200, "ok")
            assert asked(caller, room.code, ENTRIES[0]) == (200, "ok")
    access.leave(ana, room)
    assert asked(Caller(ana), room.code, ("GET", "chat/", None)) == (403, "not_member")
    assert asked(Caller(ana), room.code, ENTRIES[1]) == (200, "ok")
    Membership.objects.filter(user=ana).update(state="banned")
    assert asked(Caller(ana), room.code, ENTRIES[1]) == (429, "too_fast")


@pytest.mark.django_db
def test_it_knows_operators_by_their_permission_alone(slowly):
    room = room_of(somebody("Hanna"), visibility="unlisted")
    clerk, operator = somebody("Clerk"), somebody("Opa")
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    User.objects.filter(pk=operator.pk).update(is_staff=True, is_superuser=True)
    call = ("GET", "leaderboard/", None)
    assert asked(Caller(clerk), room.code, call) == (404, "not_found")
    assert asked(Caller(operator), room.code, call) == (200, "ok")


@pytest.mark.usefixtures("slowly")
@override_settings(ROOT_URLCONF="config.urls")
class AtOneAddress(Evening):
    def room_fields(self) -> dict[str, Any]:
        return {"visibility": "unlisted"}

    def test_it_lets_members_go_on_where_somebody_guesses(self) -> None:
        market = self.market()
        guesses = {asked(self.stranger, "AAAAAA", ENTRIES[0])[0] for _ in range(200)}
        assert guesses == {404, 429}
        assert asked(self.stranger, self.room.code, ENTRIES[0])[0] == 429
        assert asked(self.ana, self.room.code, ("POST", "chat/", {"text": "Go"})) == (201, "ok")
        assert self.bet(self.ana, market, 0, 30).status_code == 201
        assert self.bet(self.bo, self.market(), 1, 30).status_code == 201


@pytest.mark.usefixtures("slowly")
class AtOneSocket(TransactionTestCase):
    def test_it_lets_a_member_come_back_where_somebody_guesses(self) -> None:
        room = room_of(somebody("Hanna"), visibility="unlisted")
        ana, sam = member(room, "Ana"), somebody("Sam")
        with RoomServer() as server:
            refusals = [self.refusal(server, "AAAAAA", sam) for _ in range(40)]
            self.assertEqual(set(refusals), {404, 429})
            self.assertEqual(self.refusal(server, room.code, sam), 429)
            with server.join(room, ana) as client:
                client.say({"type": "chat.say", "text": "Back"})
                self.assertEqual(client.hear("chat")["text"], "Back")

    def test_it_counts_a_hit_by_nobody_at_the_socket_as_a_guess(self) -> None:
        room = room_of(somebody("Hanna"), visibility="unlisted")
        with RoomServer() as server:
            for _ in range(30):
                with server.connect(room.code) as socket:
                    self.assertEqual(ending(socket)[0], 4401)
            self.assertEqual(self.refusal(server, room.code), 429)

    def refusal(self, server: RoomServer, *args: Any) -> int:
        with self.assertRaises(InvalidStatus) as refused:
            server.connect(*args)
        return refused.exception.response.status_code


@pytest.mark.long
class InTime(TestCase):
    PAIRS = 500

    def test_it_takes_the_same_time_for_hit_and_miss(self) -> None:
        """In pairs of random order; by a sign test, which no single slow call can sway."""
        hidden = room_of(somebody("Hanna"), visibility="unlisted").code
        sam = somebody("Sam")
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(limits.LIMITS, "code_misses", (Rate(1e6, 10**6),))
            for call in MEMBERS_CALLS:
                # With a token of its own, which is good for five minutes.
                stranger = Caller(sam)
                slower = sum(self.is_hit_slower(stranger, hidden, call) for _ in range(self.PAIRS))
                z = (slower - self.PAIRS / 2) / math.sqrt(self.PAIRS / 4)
                # So far off by chance in one of ten thousand calls.
                assert abs(z) < 3.9, (call, slower)

    def is_hit_slower(self, stranger: Caller, hidden: str, call: Any) -> bool:
        pair = [(hidden, True), (codes.new_code(), False)]
        random.shuffle(pair)
        took_s = {}
        for code, is_hit in pair:
            began_s = time.perf_counter()
            assert asked(stranger, code, call) == (404, "not_found")
            took_s[is_hit] = time.perf_counter() - began_s
        return took_s[True] > took_s[False]
