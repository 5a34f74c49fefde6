"""The live instance's primary is killed: Sentinel promotes its replica, and nobody is sent away."""

import asyncio
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from django_redis.cache import RedisCache

from launcher.private_house import House
from simulation.player import Player, PlayerRefused, RoomClient
from tests.servers import house_in
from tests.wide.sentinels import Sentinels, sentinels
from tests.wide.tables import guest, until
from web.live.live_address import read_live_address

pytestmark = pytest.mark.server
# Five sockets of each, as many as a person may have.
PEOPLE, SOCKETS_EACH = 40, 5
# Two seconds until the replica is promoted, and one until all have asked the Sentinels.
POOLS_MAX_S, POSITIONS_MAX_S = 3.0, 5.0
# On a busy machine a turn of everything else.
SLACK_S = 5.0


@pytest.fixture(scope="module")
def live() -> Iterator[Sentinels]:
    with tempfile.TemporaryDirectory(prefix="live-") as folder:
        place = Path(folder) / "live"
        place.mkdir()
        with sentinels(place) as made:
            yield made


@pytest.fixture(scope="module")
def house(live: Sentinels) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(
            Path(folder), has_servers=False, REDIS_LIVE_URL=live.url, LIMITS_SCALE="1000",
            WEB_WORKERS="2",
        ) as made,
    ):  # fmt: skip
        yield made


class Evening:
    """What is done again and again, and when it was done."""

    def __init__(self) -> None:
        self.is_over = False
        self.refused: list[str] = []
        self.lines: set[str] = set()
        # When a bet was accepted, the pools of another one seen, and a position taken.
        self.bets_s: list[float] = []
        self.pools_s: list[float] = []
        self.positions_s: list[float] = []

    async def again(self, act: Callable[[], Awaitable[object]], every_s: float = 0.1) -> None:
        while not self.is_over:
            await act()
            await asyncio.sleep(every_s)

    async def bet(self, client: RoomClient, market: int) -> None:
        outcome, bet_id = client.markets[market].outcomes[0].id, str(uuid.uuid4())
        while True:
            try:
                await client.bet_once(market, outcome, 1, bet_id)
            except PlayerRefused as refused:
                # That the answer took its time, as on a busy machine, is no refusal.
                if "no answer yet" in str(refused):
                    continue
                self.refused.append(str(refused))
                return
            self.bets_s.append(time.monotonic())
            return

    async def say(self, player: Player, code: str) -> None:
        text = f"Line {len(self.lines)}"
        await player.call("POST", f"rooms/{code}/chat/", {"text": text})
        self.lines.add(text)

    async def report(self, player: Player) -> None:
        fix = {"fix_ms": int(1000 * time.time()), "lat": 37.5, "lon": 127.0, "accuracy_m": 5}
        with suppress(PlayerRefused):
            await player.call("POST", "locations/", {"fixes": [fix]})
            self.positions_s.append(time.monotonic())

    async def look(self, clients: list[RoomClient], market: int, seen: dict[str, int]) -> None:
        """Note that the pools went on for all of these."""
        least = min(client.markets[market].version for client in clients)
        if least > seen.get("least", 0):
            seen["least"] = least
            self.pools_s.append(time.monotonic())


def gap_s(at_s: list[float], since_s: float, until_s: float) -> float:
    times = [since_s, *(at for at in at_s if since_s < at < until_s), until_s]
    return max(later - before for before, later in zip(times, times[1:], strict=False))


async def evening(house: House, live: Sentinels) -> dict[str, Any]:
    """Kill the primary while people play; returns what was seen."""
    told = Evening()
    async with AsyncExitStack() as stack:
        host = await guest(house, stack)
        code = (await host.open_room("Sentinel", official_after_s=0)).code
        people = await asyncio.gather(*(guest(house, stack) for _ in range(PEOPLE)))
        joins = [player.join(code) for player in people for _ in range(SOCKETS_EACH)]
        clients: list[RoomClient] = []
        for at in range(0, len(joins), 20):
            clients += await asyncio.gather(*joins[at : at + 20])
        market = (await host.ask(code, "Who goes down?", ["Red", "Blue"])).id
        await until(lambda: all(market in client.markets for client in clients), "it is told")
        async with asyncio.TaskGroup() as group:
            seen: dict[str, int] = {}
            for act in (
                lambda: told.bet(clients[0], market),
                lambda: told.say(people[1], code),
                lambda: told.report(people[2]),
                lambda: told.look(clients, market, seen),
            ):
                group.create_task(told.again(act))
            await until(
                lambda: told.bets_s and told.pools_s and told.lines and told.positions_s, "all goes"
            )
            died_s = time.monotonic()
            live.kill_primary()
            await until(live.is_promoted, "the replica is promoted")
            back_s = time.monotonic()
            await until(
                lambda: min(told.pools_s[-1], told.positions_s[-1], told.bets_s[-1]) > back_s,
                "pools, positions and bets go on",
            )
            told.is_over = True
        ended_s = time.monotonic()
        answer = await asyncio.to_thread(
            httpx.get, f"{house.url}/readyz/", trust_env=False, timeout=10
        )
        assert answer.status_code == 200
        return {
            "sockets": len(clients),
            "open": sum(client.is_open for client in clients),
            "came back": sum(client.reconnects for client in clients),
            "refused": told.refused,
            "bets": len(told.bets_s),
            "lines": told.lines,
            "pools s": gap_s(told.pools_s, died_s, ended_s),
            "positions s": gap_s(told.positions_s, died_s, ended_s),
            "bets s": gap_s(told.bets_s, died_s, ended_s),
        }


def said(house: House) -> set[str]:
    with sqlite3.connect(house.data_dir / "ringside.sqlite3", timeout=30) as line:
        return {text for (text,) in line.execute("SELECT text FROM rooms_chatline")}


def test_nobody_is_sent_away_while_the_live_primary_is_replaced(
    house: House, live: Sentinels
) -> None:
    told = asyncio.run(evening(house, live))
    assert told["sockets"] == told["open"] == PEOPLE * SOCKETS_EACH and told["came back"] == 0
    assert told["refused"] == []
    house.wait_until(lambda: told["lines"] <= said(house), timeout_s=60)
    # The cache is reached the same way, where it may not be silent about failures.
    where = read_live_address(live.url).cache()
    cache = RedisCache(where["LOCATION"], {"OPTIONS": where["OPTIONS"]})
    cache.set("word", "kept")
    assert cache.get("word") == "kept"
    assert live.ask(live.ports[1], "EXISTS", ":1:word") == 1
    assert told["pools s"] < POOLS_MAX_S + SLACK_S
    assert told["positions s"] < POSITIONS_MAX_S + SLACK_S
