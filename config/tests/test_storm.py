"""The join storm that once took a server down: one client, 100,000 joins, and its neighbours."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from config.player import Player
from config.tests.evenings import Evening
from config.tests.servers import House, house_in

pytestmark = [pytest.mark.server, pytest.mark.storm]

JOINS = 100_000
STORM_S = 60
JOIN = '{"type": "hello"}'
GROWTH_MB_MAX = 96


@pytest.fixture
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder)) as made,
    ):
        yield made


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def flood(player: Player, address: str) -> int:
    """Send joins as fast as the server takes them, coming back whenever it hangs up."""
    jar = "; ".join(f"{c.name}={c.value}" for c in player.http.cookies.jar)
    sent = 0
    while sent < JOINS:
        with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
            async with websockets.connect(
                address,
                origin=player.url,
                additional_headers={"Cookie": jar},
                proxy=None,
                close_timeout=1,
            ) as socket:
                reading = asyncio.create_task(_swallow(socket))
                try:
                    while sent < JOINS:
                        await socket.send(JOIN)
                        sent += 1
                finally:
                    reading.cancel()
    return sent


async def _swallow(socket: websockets.ClientConnection) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for _frame in socket:
            pass


async def test_a_join_storm_leaves_memory_bounded_and_neighbours_served(house: House) -> None:
    watched = [name for name in ("web-1", "live", "bank") if house.pid(name)]
    async with Evening(house.url) as evening:
        stranger = await evening.player()
        neighbours = [await evening.player() for _number in range(4)]
        market = await evening.ask()
        before_mb = {name: resident_mb(house.pid(name)) for name in watched}
        storm = asyncio.create_task(
            flood(stranger.player, f"{house.ws_url}/ws/rooms/{evening.room.code}/")
        )
        most_mb = dict(before_mb)
        served = 0
        until_s = time.monotonic() + STORM_S
        while not storm.done() and time.monotonic() < until_s:
            seat = neighbours[served % len(neighbours)]
            accepted = await seat.bet(market.id, market.outcomes[0].id, 1)
            assert accepted.stake == 1
            served += 1
            for name in watched:
                most_mb[name] = max(most_mb[name], resident_mb(house.pid(name)))
            await asyncio.sleep(0.1)
        assert storm.done(), "the storm was held back for so long that it did not end"
        assert storm.result() == JOINS
        assert served >= 5
        for name in watched:
            assert most_mb[name] - before_mb[name] < GROWTH_MB_MAX, (name, before_mb, most_mb)
        room = await evening.host.call("GET", f"rooms/{evening.room.code}/")
        assert room["here"] <= 6
