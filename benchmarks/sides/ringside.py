"""Ringside itself: `./ringside run` with one web process, on a MariaDB and two Redis of its own."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts.auth import cookies
from benchmarks.sides import members
from benchmarks.sides.side import COINS, HOST, ROOMS, Side
from benchmarks.sockets import Person
from launcher.private_house import House, private_house
from simulation.player import Player

# The promised limits stand far above what is measured here.
LIMITS_SCALE = "100000"
START_TIMEOUT_S = 300
CHILDREN = ("web-1", "clock")


class Ringside(Side):
    """A whole house: people with cookies, rooms with a market each, limits out of the way."""

    name = "Ringside"

    def __init__(self, house: House) -> None:
        self.house = house
        self.rooms: list[tuple[str, int, list[int]]] = []

    @property
    def processes(self) -> dict[str, int]:  # type: ignore[override]
        found = {name.removesuffix("-1"): self.house.pid(name) for name in CHILDREN}
        return {**found, **self.house.outside}

    async def open_rooms(self) -> None:
        """Have a host open the rooms, and one market in each."""
        async with Player(self.house.url) as host:
            await host.guest("Hana")
            for number in range(1, ROOMS + 1):
                room = await host.open_room(f"Room {number}")
                market = await host.ask(room.code, "Who wins?", ["Red", "Blue"])
                await host.step(market.id, "open")
                outcomes = [outcome.id for outcome in market.outcomes]
                self.rooms.append((room.code, market.id, outcomes))

    async def people(self, count: int, *, rooms: int = 1) -> list[Person]:
        spread = self.rooms[:rooms]
        codes = [code for code, _market, _outcomes in spread]
        tokens = await asyncio.to_thread(self._make, count, codes)
        return [self._person(number, token, *spread[number % rooms])
                for number, token in enumerate(tokens)]  # fmt: skip

    def _make(self, count: int, codes: list[str]) -> list[str]:
        script = members.script(count, codes, COINS)
        made = self.house.manage("shell", "-c", script, timeout_s=300)
        if made.returncode:
            raise RuntimeError(made.stderr)
        tokens: list[str] = json.loads(made.stdout.splitlines()[-1])
        return tokens

    def _person(
        self, number: int, token: str, code: str, market: int, outcomes: list[int]
    ) -> Person:
        headers = {"Cookie": f"{cookies.ACCESS}={token}", "Origin": self.house.url}
        bet = (market, outcomes[number % 2])
        return Person(f"ws://{HOST}:{self.house.port}/ws/rooms/{code}/", headers, bet)


@contextmanager
def ringside(folder: Path) -> Iterator[Side]:
    """Run the house."""
    folder.mkdir()
    options = ("--no-demo",)
    with private_house(
        folder, options=options, has_servers=True, timeout_s=START_TIMEOUT_S,
        LIMITS_SCALE=LIMITS_SCALE, WEB_WORKERS="1",
    ) as house:  # fmt: skip
        side = Ringside(house)
        asyncio.run(side.open_rooms())
        yield side
