"""Asking again and again teaches nobody where a person is who shares an area."""

import asyncio
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from locations.fixes.grid import CELL_M
from simulation.player import Player
from tests.promises.attackers import Attacker, Oracle, Point, Seen, moved, offset_m
from tests.servers import House, house_in

pytestmark = pytest.mark.server

TOWN = (-10.9472, -37.0731)
ATTACKERS = 3
CLOSE_M = 100.0
# Half of all spots of a square lie farther than this from its middle, in sides of the square.
MEDIAN = math.sqrt(1 / (2 * math.pi))
# The grid is secret and new for each house, so chance has a part; one run in 100,000 is so unlucky.
# locations/tests/test_privacy.py holds 2,000 people against 0.35 of a cell.
UNLUCKY = 4.3
SEED = 20_261_101


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000000") as made,
    ):
        yield made


def somewhere(chance: random.Random) -> Point:
    """A spot in town."""
    return moved(TOWN, 4_000 * math.sqrt(chance.random()), chance.uniform(0, 2 * math.pi))


def error_m(guess: Point, truth: Point) -> float:
    return math.hypot(*offset_m(guess, truth))


class Town:
    """A room whose members share an area, and the accounts that stalk them over HTTP.

    One answer tells about all members, so every question counts for each of them.
    """

    def __init__(self, url: str, victims: int) -> None:
        self.url = url
        self.chance = random.Random(SEED)
        self.homes: dict[int, Point] = {}
        self.shown: dict[int, list[Point]] = {}
        self._victims = victims
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Town":
        host = await self._somebody()
        self.code = (await host.open_room("A town of secrets")).code
        for _ in range(self._victims):
            await self._move_in(await self._somebody())
        self.attackers = [await self._somebody() for _ in range(ATTACKERS)]
        for attacker in self.attackers:
            await attacker.call("POST", f"rooms/{self.code}/enter/")
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._stack.aclose()

    async def _somebody(self) -> Player:
        player = await self._stack.enter_async_context(Player(self.url))
        await player.guest()
        return player

    async def _move_in(self, victim: Player) -> None:
        assert victim.person is not None
        home = self.homes[victim.person.id] = somewhere(self.chance)
        await victim.call("POST", f"rooms/{self.code}/enter/")
        sharing = {"room": self.code, "level": "area", "minutes": 60}
        await victim.call("PUT", "locations/sharing/", sharing)
        fix = {"lat": home[0], "lon": home[1], "accuracy_m": 5}
        await report(victim, fix)

    async def ask(self, number: int) -> None:
        """One question of one attacker, from a spot of their own near somebody's home."""
        attacker = self.attackers[number % ATTACKERS]
        if number % 10 == 0:
            lat, lon = somewhere(self.chance)
            await report(attacker, {"lat": lat, "lon": lon, "accuracy_m": 5})
            around = await attacker.call("GET", f"rooms/?lat={lat}&lon={lon}&radius_m=500")
            assert "cells" not in around
        told = await attacker.call("GET", f"rooms/{self.code}/map/")
        assert not told["points"]
        assert not [key for person in told["people"] for key in person if key.endswith("_m")]
        for cell in told["cells"]:
            self.shown.setdefault(cell["user"], []).append((cell["lat"], cell["lon"]))

    async def ask_often(self, questions: int) -> None:
        """Many questions, one attacker at a time each."""

        async def one_attacker(first: int) -> None:
            for number in range(first, questions, ATTACKERS):
                await self.ask(number)

        async with asyncio.TaskGroup() as group:
            for first in range(ATTACKERS):
                group.create_task(one_attacker(first))

    def errors_m(self, budget: int) -> list[float]:
        """How wrong the attack is about each home with the first answers, as many as the budget."""
        return [
            error_m(Attacker(_replayed(self.shown[user_id]), budget).find(TOWN, self.chance), home)
            for user_id, home in self.homes.items()
        ]


def _replayed(points: list[Point]) -> Oracle:
    """What was answered over HTTP, one answer a question, wherever it was asked from."""
    answers = iter(points * 2)
    return lambda _at: Seen(point=next(answers))


async def report(player: Player, fix: dict[str, Any]) -> None:
    fixes = [{"fix_ms": time.time_ns() // 1_000_000, **fix}]
    await player.call("POST", "locations/", {"fixes": fixes})


async def _attack(url: str, *, victims: int, questions: int) -> tuple[list[float], list[float]]:
    async with Town(url, victims) as town:
        await town.ask_often(questions)
        assert set(town.shown) == set(town.homes)
        return town.errors_m(min(100, questions // 3)), town.errors_m(questions)


def _withstands(house: House, *, victims: int, questions: int) -> None:
    few, many = asyncio.run(_attack(house.url, victims=victims, questions=questions))
    close = sum(error < CLOSE_M for error in many)
    median_m = statistics.median(many)
    print(f"median {median_m:.0f} m, {close} of {victims} within 100 m")  # noqa: T201
    error = 1 / (4 * math.pi * MEDIAN * math.sqrt(victims))
    assert median_m >= (MEDIAN - UNLUCKY * error) * CELL_M
    assert close <= 0.02 * victims + UNLUCKY * math.sqrt(0.02 * victims)
    assert median_m >= 0.9 * statistics.median(few)


def test_it_tells_stalkers_no_more_than_the_cell(house: House) -> None:
    _withstands(house, victims=80, questions=200)


@pytest.mark.long
def test_it_tells_no_more_to_ten_thousand_questions(house: House) -> None:
    _withstands(house, victims=100, questions=10_000)


def test_it_would_find_homes_if_distances_were_rounded() -> None:
    chance = random.Random(SEED)
    errors = []
    for _victim in range(50):
        home = somewhere(chance)

        def rounded(at: Point, home: Point = home) -> Seen:
            return Seen(away_m=round(error_m(at, home) / 1_000) * 1_000.0)

        errors.append(error_m(Attacker(rounded, 1_000).find(TOWN, chance), home))
    assert statistics.median(errors) < 10
