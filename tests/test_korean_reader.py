"""An evening over the sockets, as somebody reads it whose language is Korean."""

import json
import re
from typing import Any
from uuid import uuid4

from django.test import TransactionTestCase
from django.urls import path
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from betting.actions import decisions, markets
from betting.bank import capacity
from betting.consumers import BetConsumer
from betting.wire.requests import NewMarket
from locations.consumers import LocationConsumer
from rooms import opening
from rooms.fanout.hub import post_recheck
from rooms.models import Membership
from rooms.people import moderation
from rooms.tests.people import member, room_of, somebody
from rooms.tests.room_server import RoomServer, hear
from web.times import now_ms

ROUTES = [
    path("ws/bets/<str:code>/", BetConsumer.as_asgi()),
    path("ws/locations/", LocationConsumer.as_asgi()),
]
KOREAN = {"Cookie": "django_language=ko", "Accept-Language": "en"}
# The names of fields stand in quotation marks, as they are on the wire.
_QUOTED = re.compile("“[^”]*”|‘[^’]*’")


def is_korean(sentence: str) -> bool:
    """Whether a sentence is in Korean, and has no word of English left in it."""
    told = _QUOTED.sub("", sentence)
    return bool(re.search("[가-힣]", told)) and not re.search("[A-Za-z]{2,}", told)


class KoreanEvening(TransactionTestCase):
    def setUp(self) -> None:
        self.host = somebody("하나")
        self.room = room_of(self.host, title="달팽이 경주")
        self.server = self.enterContext(RoomServer(*ROUTES))
        self.told: list[str] = []

    def connect(self, path: str, user: Any, **headers: str) -> ClientConnection:
        headers = headers or KOREAN
        return self.enterContext(self.server.open(path, user, additional_headers={**headers}))

    def enter(self, user: Any, **headers: str) -> ClientConnection:
        socket = self.connect(f"/ws/bets/{self.room.code}/", user, **headers)
        socket.send(json.dumps({"type": "hello"}))
        hear(socket, "welcome")
        return socket

    def ask(self, socket: ClientConnection, kind: str, message: Any) -> dict[str, Any]:
        """Say something that is refused; the sentence is kept."""
        socket.send(message if isinstance(message, str) else json.dumps(message))
        refused = hear(socket, kind)
        self.told.append(refused["message"])
        return refused

    def market(self, **fields: Any) -> Any:
        new = NewMarket(question="누가 이길까?", outcomes=["빨강", "파랑"], **fields)
        return markets.create(self.host, self.room, new, markets.texts(new))

    def bet(self, market_id: int, outcome: int, stake: int) -> dict[str, Any]:
        fields = {"market": market_id, "outcome": outcome, "stake": stake}
        return {"type": "bet.place", "bet_id": str(uuid4()), **fields}

    def test_it_tells_a_korean_reader_nothing_in_english(self) -> None:
        market = self.market(min_stake=20, max_stake=500)
        red, blue = (outcome.pk for outcome in market.outcomes.order_by("number"))
        ana = somebody("아나")
        socket = self.enter(ana)
        codes = [
            self.ask(socket, "bet.refused", self.bet(*bet))["code"]
            for bet in [
                (market.pk, red, 5), (market.pk, red, 600), (market.pk, 0, 30), (0, red, 30),
            ]
        ]  # fmt: skip
        self.assertEqual(
            codes, ["stake_below_minimum", "stake_above_maximum", "no_such_outcome", "not_found"]
        )
        socket.send(json.dumps(self.bet(market.pk, red, 30)))
        hear(socket, "bet.accepted")
        self.ask(socket, "bet.refused", self.bet(market.pk, blue, 30))
        decisions.lock(markets.Author(self.host, is_operator=False), market)
        self.ask(socket, "bet.refused", self.bet(market.pk, red, 30))
        self.ask(self.enter(self.host), "bet.refused", self.bet(market.pk, red, 30))
        self.ask(socket, "error", {"type": "bet.place", "bet_id": "x", "stake": "30"})
        self.ask(socket, "error", {"type": "chat.say", "text": "한\u202e글", "id": "a"})
        self.walk_chat(ana, socket)
        self.walk_standing(ana, socket)
        self.assertEqual([told for told in self.told if not is_korean(told)], [])

    def walk_chat(self, ana: Any, socket: ClientConnection) -> None:
        for mode in ("reactions", "off"):
            opening.change_room(self.room, self.host, chat_mode=mode)
            post_recheck(self.room.pk)
            hear(socket, "room")
            self.ask(socket, "error", {"type": "chat.say", "text": "안녕", "id": mode})
        opening.change_room(self.room, self.host, chat_mode="slow")
        post_recheck(self.room.pk)
        hear(socket, "room")
        socket.send(json.dumps({"type": "chat.say", "text": "안녕", "id": "1"}))
        self.ask(socket, "error", {"type": "chat.say", "text": "안녕", "id": "2"})

    def walk_standing(self, ana: Any, socket: ClientConnection) -> None:
        present = Membership.objects.get(room=self.room, user=ana)
        acts = [
            (moderation.mute, (now_ms() + 60_000,)), (moderation.mute, (0,)),
            (moderation.give_role, ("moderator",)), (moderation.give_role, ("cohost",)),
        ]  # fmt: skip
        for act, args in acts:
            act(self.host, present, *args)
            post_recheck(self.room.pk)
            self.told.append(hear(socket, "notice")["message"])

    def test_it_speaks_to_each_reader_in_their_own_language(self) -> None:
        ana, bo = member(self.room, "아나"), member(self.room, "Bo")
        korean, english = self.enter(ana), self.enter(bo, **{"Accept-Language": "en"})
        browser = self.enter(somebody("시"), **{"Accept-Language": "ko-KR,en;q=0.5"})
        # Filled for a moment, until this process reads how full the bank is.
        capacity.here.note(0.8)
        self.addCleanup(capacity.here.note, 0.0)
        told = {
            name: hear(socket, "notice")["message"]
            for name, socket in (("ko", korean), ("en", english), ("browser", browser))
        }
        self.assertTrue(is_korean(told["ko"]) and is_korean(told["browser"]), told)
        self.assertIn(told["en"], capacity.NOTICES.values())

    def test_it_refuses_a_handshake_in_the_readers_language(self) -> None:
        full = room_of(self.host, capacity=2)
        member(full, "보")
        socket = self.connect(f"/ws/rooms/{full.code}/", somebody("아나"))
        told = [hear(socket, "error")["message"]]
        for code, options in (("AAAAAA", {}), (full.code, {"origin": "http://x.y"})):
            with self.assertRaises(InvalidStatus) as refused:
                self.server.connect(code, somebody("시"), additional_headers={**KOREAN}, **options)
            told.append(refused.exception.response.body.decode().replace("http://x.y", ""))
        self.assertEqual([each for each in told if not is_korean(each)], [])

    def test_it_speaks_korean_on_the_socket_of_locations(self) -> None:
        socket = self.connect("/ws/locations/", somebody("아나"))
        self.ask(socket, "error", {"type": "fix", "n": "1"})
        self.ask(socket, "error", "{")
        self.assertEqual([told for told in self.told if not is_korean(told)], [])
