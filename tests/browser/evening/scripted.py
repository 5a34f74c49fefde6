"""Scripted people for browser tests: fast clients of the protocol beside few real browsers."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from betting.wire.messages import MarketBoard
from simulation.player import Player, RoomClient

PATIENCE_S = 60

T = TypeVar("T")


class Listener(RoomClient):
    """A client that keeps every frame as it came."""

    def __init__(self, player: Player, code: str) -> None:
        super().__init__(player, code)
        self.frames: list[str] = []

    def read(self, text: str | bytes) -> None:
        self.frames.append(str(text))
        super().read(text)


class Guest:
    """Somebody with a socket in one room, for a test that waits."""

    def __init__(self, people: "People", player: Player, client: Listener) -> None:
        self._people, self.player, self.client = people, player, client
        assert player.person
        self.id, self.name = player.person.id, player.person.nickname
        # Every body that was told.
        self.bodies: list[str] = []

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._people.do(self.player.call(method, path, body))
        self.bodies.append(json.dumps(answer, ensure_ascii=False))
        return answer

    def bet(self, market: MarketBoard, place: int, stake: int) -> None:
        outcome = market.outcomes[place].id
        self._people.do(self.client.bet(market.id, outcome, stake))

    def say(self, text: str) -> None:
        self._people.do(self.client.say(text))

    def market(self, question: str) -> MarketBoard:
        """The market of a question, once this client was told of it."""
        found: list[MarketBoard] = []

        def look() -> bool:
            markets = list(self.client.markets.values())
            found[:] = [market for market in markets if market.question == question]
            return bool(found)

        until(look)
        return found[0]

    def is_heard(self, *words: str) -> bool:
        """Whether a frame came that holds all of these words."""
        return any(all(word in frame for word in words) for frame in list(self.client.frames))


class People:
    """The scripted people of one server; all leave at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.guests: list[Guest] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "People":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        for guest in self.guests:
            self.do(guest.client.leave())
            self.do(guest.player.http.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Wait for an act in the loop of these people."""
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(PATIENCE_S)

    def join(self, code: str, name: str) -> Guest:
        """Somebody new who steps into a room."""
        return self.do(self._join(Player(self.url), code, name))

    async def _join(self, player: Player, code: str, name: str) -> Guest:
        await player.guest(name)
        client = Listener(player, code)
        await client.open()
        self.guests.append(Guest(self, player, client))
        return self.guests[-1]

    def host(self, title: str, **fields: Any) -> tuple[Guest, str]:
        """Somebody who opens a room, and its code."""
        return self.do(self._host(Player(self.url), title, fields))

    async def _host(self, player: Player, title: str, fields: dict[str, Any]) -> tuple[Guest, str]:
        await player.guest("Hana")
        room = await player.open_room(title, **fields)
        client = Listener(player, room.code)
        await client.open()
        self.guests.append(Guest(self, player, client))
        return self.guests[-1], room.code


def until(holds: Callable[[], bool], why: Callable[[], str] = str) -> None:
    """Wait for something to become true; `why` says what held instead."""
    until_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until_s, f"It did not come true in time. {why()}"
        time.sleep(0.05)
