"""Much state at once: each reader is told all of it, and none is closed for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

from django.db import transaction
from django.test import TransactionTestCase
from django.urls import path
from websockets.exceptions import ConnectionClosed

from betting import bank
from betting.consumers import BetConsumer
from betting.models import Market, Outcome
from betting.wire import broadcast
from rooms.fanout import hub
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import PATIENCE_S, RoomServer, hear

DRAFTS, ROUNDS, READERS, LINES = 49, 80, 20, 100


class Newcomers(TransactionTestCase):
    """A room with 49 drafts where 80 rounds are settled within a minute."""

    def setUp(self) -> None:
        # One that has told nothing yet, as in a process that has just begun.
        self.enterContext(mock.patch.object(hub, "source", broadcast.Source()))
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.rows(Market.Status.DRAFT, DRAFTS)
        route: Any = path("ws/bets/<str:code>/", BetConsumer.as_asgi())
        self.server = self.enterContext(RoomServer(route))

    def rows(self, status: str, count: int) -> set[int]:
        """Questions that lie in SQL alone; their ids."""
        now_ms = bank.ask_time_ms()
        settled_at_ms = now_ms if status == Market.Status.SETTLED else None
        with transaction.atomic():
            made = [
                Market.objects.create(
                    room=self.room, created_by=self.host, question=f"Round {number}?",
                    status=status, created_at_ms=now_ms, settled_at_ms=settled_at_ms,
                )
                for number in range(count)
            ]  # fmt: skip
            for market in made:
                for place, label in enumerate(("Red", "Blue")):
                    Outcome.objects.create(market=market, number=place, label=label)
        return {market.pk for market in made}

    def enter(self, user: Any) -> Any:
        socket = self.enterContext(self.server.open(f"/ws/bets/{self.room.code}/", user))
        socket.send('{"type": "hello"}')
        hear(socket, "welcome")
        return socket

    def test_it_closes_nobody_who_reads(self) -> None:
        people = [self.host, *(somebody(f"Ana {number}") for number in range(READERS - 1))]
        readers = [self.enter(user) for user in people]
        self.rounds = self.rows(Market.Status.SETTLED, ROUNDS)
        with ThreadPoolExecutor(READERS) as pool:
            assert list(pool.map(self.rounds_heard, readers)) == [self.rounds] * READERS
            # More at once than may wait for somebody who does not read.
            self.server.in_loop(self.say_much)
            assert list(pool.map(self.lines_heard, readers)) == [LINES] * READERS
        for socket in readers:
            socket.send('{"type": "ping", "t": 7}')
            assert hear(socket, "pong")["t"] == 7

    def rounds_heard(self, socket: Any) -> set[int]:
        """Read until every round was told."""
        heard: set[int] = set()
        while not self.rounds <= heard:
            try:
                message = json.loads(socket.recv(timeout=PATIENCE_S))
            except ConnectionClosed as closed:
                raise AssertionError(f"closed after {len(heard)} rounds: {closed}") from closed
            if message["type"] == "market":
                heard.add(message["market"]["id"])
        return heard & self.rounds

    def say_much(self) -> None:
        for number in range(LINES):
            line = json.dumps({"type": "chat", "id": f"{number}-1", "text": "Go"})
            hub.get_hub().crowd.tell(self.room.pk, line)

    def lines_heard(self, socket: Any) -> int:
        return sum(hear(socket, "chat")["text"] == "Go" for _ in range(LINES))
