"""Screens: read a room as everybody may, count as nobody, and end with their link."""

from typing import Any

from django.test import override_settings
from django.urls import path

from accounts.models import User
from betting.screen_consumer import ScreenConsumer
from betting.tests.room_clients import RoomTestCase
from rooms import access, opening
from rooms.models import Room, RoomAct, RoomScreen
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from rooms.tests.room_server import RoomClient, RoomServer, ending, hear, until

ROUTE = path("ws/screens/<str:code>/", ScreenConsumer.as_asgi())


def offers(link: str = "") -> list[Any]:
    return ["ringside.v1", f"screen.{link}" if link else "screen"]


class Screen(RoomClient):
    """A welcomed screen, and the pass that it was told."""

    def __init__(self, socket: Any) -> None:
        super().__init__(socket)
        self.sealed: str = self.hear("screen")["pass"]


def as_screen(sealed: str) -> Caller:
    """A screen that asks over HTTP."""
    caller = Caller()
    caller.defaults["HTTP_AUTHORIZATION"] = f"Screen {sealed}"
    return caller


@override_settings(ROOT_URLCONF="betting.tests.urls")
class ScreenTests(RoomTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.enterContext(RoomServer(ROUTE))
        self.caller = Caller(self.host)

    def offer(self, room: Room | None = None) -> tuple[int, str]:
        """A fresh link: its id, and the code in it."""
        code = (room or self.room).code
        answer = self.caller.ask("POST", f"rooms/{code}/screens/", {})
        assert answer.status_code == 201, answer.content
        told = answer.json()
        address, _sign, link = told["link"].partition("#")
        assert address.endswith(f"/r/{code}/screen/")
        return told["id"], link

    def connect(self, link: str = "", *, by: User | None = None, code: str = "") -> Any:
        address = f"/ws/screens/{code or self.room.code}/"
        return self.enterContext(self.server.open(address, by, subprotocols=offers(link)))

    def screen(self, link: str = "", **options: Any) -> Screen:
        return Screen(self.connect(link, **options))

    def ask(self, screen: Screen, path: str) -> Any:
        return as_screen(screen.sealed).ask("GET", path)

    def test_it_reads_a_room_and_counts_as_nobody(self) -> None:
        ana = self.enterContext(self.server.join(self.room, self.ana))
        for link in ("", self.offer()[1], self.offer()[1].lower()):
            screen = self.screen(link)
            you = {"id": 0, "nickname": "", "role": "screen", "muted": False}
            assert screen.welcome["you"] == you
            assert screen.welcome["here"] == 1
            assert (screen.welcome["mine"], screen.welcome["chat"]) == ([], [])
            screen.say({"type": "ping", "t": 5})
            assert screen.hear("pong")["t"] == 5
        rooms = self.server.hub().crowd.rooms
        assert (len(rooms[self.room.pk].users), len(rooms[self.room.pk].readers)) == (1, 4)
        ana.say({"type": "hello"})
        assert ana.hear("welcome")["here"] == 1
        assert access.count_members(self.room) == 2
        names = self.ask(screen, f"rooms/{self.room.code}/newcomers/").json()["names"]
        assert names == ["ana"]

    async def test_it_shows_a_host_at_the_screen_no_more_than_everybody(self) -> None:
        draft = await self.market(open=False)
        blind = await self.market(blind=True)
        red, _blue = await self.outcomes(blind)
        await self.act(self._tell_the_host_nothing, draft.pk, blind, red)

    def _tell_the_host_nothing(self, draft_id: int, blind: Any, red: int) -> None:
        screen = self.screen(self.offer()[1], by=self.host)
        (told,) = screen.welcome["markets"]
        assert (told["id"], told["coins"], told["outcomes"][0]["odds"]) == (blind.pk, None, None)
        assert screen.welcome["coming"]
        assert code_of(self.ask(screen, f"markets/{draft_id}/odds/")) == "not_found"
        assert self.ask(screen, f"markets/{blind.pk}/odds/").json() == {"points": []}

    def test_it_says_nothing_in_the_room(self) -> None:
        screen = self.screen(self.offer()[1])
        screen.say({"type": "chat.say", "text": "Hi"})
        assert hear(screen.socket, "error")["code"] == "malformed"
        caller = as_screen(screen.sealed)
        for method, call in (("POST", "enter/"), ("POST", "chat/"), ("GET", "chat/")):
            answer = caller.ask(method, f"rooms/{self.room.code}/{call}", {})
            assert code_of(answer) == "sign_in", call

    def test_it_reads_an_unlisted_room_with_its_pass_and_no_other(self) -> None:
        hidden = room_of(self.host, visibility="unlisted")
        screen = self.screen(self.offer(hidden)[1], code=hidden.code)
        evening, other = (f"rooms/{each.code}/evening/" for each in (hidden, self.room))
        assert self.ask(screen, evening).json()["standings"] == []
        assert code_of(self.ask(screen, other)) == "sign_in"
        assert code_of(Caller().ask("GET", evening)) == "not_found"
        assert code_of(Caller(self.ana).ask("GET", f"rooms/{self.room.code}/newcomers/")) == (
            "not_member"
        )

    def test_it_ends_with_its_link_and_stays_ended(self) -> None:
        number, link = self.offer()
        screen, other = self.screen(link), self.screen(self.offer()[1])
        listed = self.caller.ask("GET", f"rooms/{self.room.code}/screens/").json()["results"]
        assert number in [each["id"] for each in listed]
        assert link not in str(listed)
        for _again in range(2):
            answer = self.caller.ask("DELETE", f"rooms/{self.room.code}/screens/{number}/", {})
            assert answer.status_code == 204
        assert ending(screen.socket) == (4401, "revoked")
        assert ending(self.connect(link)) == (4401, "revoked")
        assert code_of(self.ask(screen, f"rooms/{self.room.code}/newcomers/")) == "sign_in"
        other.say({"type": "ping", "t": 1})
        other.hear("pong")
        acts = RoomAct.objects.filter(room=self.room).values_list("what", flat=True)
        assert list(acts.order_by("pk")) == ["offer_screen", "offer_screen", "end_screen"]

    def test_it_refuses_codes_that_are_none(self) -> None:
        other = room_of(self.host)
        for link in ("x", "ABCDEFGHJK", self.offer(other)[1]):
            assert ending(self.connect(link)) == (4401, "invalid"), link
        for code in ("AAAAAA", "nonsense"):
            assert ending(self.connect(code=code)) == (4401, "invalid"), code
        assert ending(self.server.connect(self.room.code, subprotocols=offers())) == (
            4401,
            "missing",
        )

    def test_it_is_made_and_ended_by_those_who_run_the_room(self) -> None:
        number, _link = self.offer()
        address = f"rooms/{self.room.code}/screens/"
        player = Caller(member(self.room, "Pia"))
        for method, path_ in (("POST", address), ("GET", address), ("DELETE", f"{address}1/")):
            assert code_of(player.ask(method, path_, {})) == "forbidden"
        cohost = Caller(member(self.room, "Co", "cohost"))
        assert cohost.ask("DELETE", f"{address}{number}/", {}).status_code == 204
        other = Caller(somebody("Otto"))
        theirs = room_of(other.user)
        assert code_of(other.ask("DELETE", f"rooms/{theirs.code}/screens/{number}/", {})) == (
            "not_found"
        )
        assert code_of(self.caller.ask("POST", address, {"for": "me"})) == "malformed"
        codes = [code_of(self.caller.ask("POST", address, {})) for _ in range(11)]
        assert codes[-1] == "too_fast"
        assert RoomScreen.objects.count() < 12

    def test_it_shows_the_podium_once_the_room_has_ended(self) -> None:
        _number, link = self.offer()
        screen = self.screen(link)
        opening.end_room(self.room)
        assert ending(screen.socket)[0] == 4410
        late = self.connect(link)
        sealed = hear(late, "screen")["pass"]
        assert ending(late)[0] == 4410
        answer = as_screen(sealed).ask("GET", f"rooms/{self.room.code}/evening/")
        assert answer.json()["status"] == "ended"
        assert code_of(self.caller.ask("POST", f"rooms/{self.room.code}/screens/", {})) == (
            "room_ended"
        )

    def test_it_keeps_five_of_a_link(self) -> None:
        link = self.offer()[1]
        screens = [self.screen(link) for _ in range(6)]
        assert ending(screens[0].socket) == (4409, "replaced")

    def test_it_forgets_a_screen_that_is_gone(self) -> None:
        screen = self.screen()
        screen.socket.close()
        until(lambda: not self.server.hub().crowd.rooms)
