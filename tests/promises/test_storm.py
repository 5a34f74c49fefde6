"""The join storm that once took a server down: one client, 100,000 joins, and its neighbours.

How long its neighbours' bets take is measured by `./ringside storm`, never asserted here.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from launcher.venv import ROOT
from operations.tests.bank_memory import fill
from simulation.player import Player, PlayerRefused, RoomClient
from tests.evenings import Evening
from tests.servers import House, house_in

pytestmark = [pytest.mark.server, pytest.mark.storm]

JOINS = 100_000
STORM_S = 60
JOIN = '{"type": "hello"}'
GROWTH_MB_MAX = 96
ENDED_WITHIN_S = 10


@pytest.fixture
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder)) as made,
    ):
        yield made


def cookies_of(player: Player) -> str:
    return "; ".join(f"{c.name}={c.value}" for c in player.http.cookies.jar)


async def flood(player: Player, address: str, closes: Counter[int]) -> int:
    """Send joins as fast as the server takes them, coming back whenever it hangs up."""
    sent = 0
    while sent < JOINS:
        with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
            async with websockets.connect(
                address,
                origin=player.url,
                additional_headers={"Cookie": cookies_of(player)},
                proxy=None,
                close_timeout=1,
            ) as socket:
                reading = asyncio.create_task(_swallow(socket))
                try:
                    while sent < JOINS:
                        await socket.send(JOIN)
                        sent += 1
                    # All of it may fit between here and there, so the end comes after the sending.
                    await asyncio.wait_for(socket.wait_closed(), ENDED_WITHIN_S)
                finally:
                    closes[socket.close_code or 0] += 1
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
        before_mb = {name: house.resident_mb(name) for name in watched}
        closes: Counter[int] = Counter()
        address = f"{house.ws_url}/ws/rooms/{evening.room.code}/"
        storm = asyncio.create_task(flood(stranger.player, address, closes))
        most_mb = dict(before_mb)
        served = 0
        until_s = time.monotonic() + STORM_S
        while not storm.done() and time.monotonic() < until_s:
            client = neighbours[served % len(neighbours)]
            accepted = await client.bet(market.id, market.outcomes[0].id, 1)
            assert accepted.stake == 1
            served += 1
            for name in watched:
                most_mb[name] = max(most_mb[name], house.resident_mb(name))
            await asyncio.sleep(0.1)
        assert storm.done(), "the storm was held back for so long that it did not end"
        assert storm.result() == JOINS
        # A client that only sends may meet the end of the line before it has read why.
        assert closes[4029] + closes[1006], closes
        assert served >= 5
        for name in watched:
            assert most_mb[name] - before_mb[name] < GROWTH_MB_MAX, (name, before_mb, most_mb)
        room = await evening.host.call("GET", f"rooms/{evening.room.code}/")
        assert room["here"] <= 6


# --- With 64 MB for each engine, and a bank that fills meanwhile

EVENTS = 1_000_000
WHOLE_STORM_S = 280


@pytest.fixture
def small_house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # Set here too, because the real engines are started by this process.
    for name in ("BANK_MEMORY_MB", "LIVE_MEMORY_MB"):
        monkeypatch.setenv(name, "64")
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder)) as made,
    ):
        yield made


async def heard(client: RoomClient, code: str) -> None:
    """Wait until the room was told."""
    until_s = time.monotonic() + 60
    while code not in client.notices:
        assert time.monotonic() < until_s, (code, client.notices)
        await asyncio.sleep(0.05)
    client.notices.clear()


class Try:
    """What the house does now with each thing that fills it; "ok" or the refusal's word."""

    def __init__(self, evening: Evening, client: RoomClient, market: int, outcome: int) -> None:
        self.evening, self.player = evening, client.player
        self.market, self.outcome = market, outcome

    async def everything(self) -> dict[str, str]:
        code = self.evening.room.code
        question = {"question": "And now?", "outcomes": ["a", "b"], "open": False}
        title = f"New {uuid.uuid4()}"
        return {
            "room": await self._ask("POST", "rooms/", {"title": title, "visibility": "unlisted"}),
            "market": await self._ask("POST", f"rooms/{code}/markets/", question, by_host=True),
            "chat": await self._ask("POST", f"rooms/{code}/chat/", {"text": "Hello."}),
            "bet": await self._ask("POST", f"markets/{self.market}/bets/", self._bet()),
        }

    def _bet(self) -> dict[str, object]:
        return {"bet_id": str(uuid.uuid4()), "outcome": self.outcome, "stake": 1}

    async def _ask(self, method: str, path: str, body: object, *, by_host: bool = False) -> str:
        try:
            await (self.evening.host if by_host else self.player).call(method, path, body)
        except PlayerRefused as refused:
            return refused.code
        return "ok"


def expected(*busy: str) -> dict[str, str]:
    return {name: "busy" if name in busy else "ok" for name in ("room", "market", "chat", "bet")}


@pytest.mark.long
async def test_the_whole_storm_on_64_mb_while_each_watermark_is_crossed(small_house: House) -> None:
    house = small_house
    watched = [name for name in ("web-1", "live", "bank") if house.pid(name)]
    async with Evening(house.url) as evening:
        stranger, client, payer = [await evening.player() for _number in range(3)]
        market = await evening.ask()
        await client.bet(market.id, market.outcomes[0].id, 10)
        await payer.bet(market.id, market.outcomes[1].id, 10)
        other = await evening.ask()
        before_mb = {name: house.resident_mb(name) for name in watched}
        command = [sys.executable, str(ROOT / "benchmarks" / "flood.py")]
        command += [f"{house.ws_url}/ws/rooms/{evening.room.code}/", cookies_of(stranger.player)]
        storm = await asyncio.create_subprocess_exec(
            *command, str(JOINS), str(EVENTS), str(WHOLE_STORM_S), stdout=asyncio.subprocess.PIPE
        )
        trying = Try(evening, client, other.id, other.outcomes[0].id)
        assert await trying.everything() == expected()
        for fullness, code, busy in [
            (0.71, "memory_filling", ()),
            (0.86, "memory_nearly_full", ("room", "market", "chat")),
            (0.955, "memory_full", ("room", "market", "chat", "bet")),
        ]:
            await asyncio.to_thread(fill, house, fullness)
            await heard(client, code)
            assert await trying.everything() == expected(*busy), code
        # Nobody's coins wait for space.
        assert (await evening.finish(market, 0)).status == "settled"
        await asyncio.to_thread(fill, house, 0.5)
        await heard(client, "memory_roomy")
        assert await trying.everything() == expected()
        told, _ = await storm.communicate()
        sent = json.loads(told)
        assert (sent["is_done"], sent["frames"]) == (True, JOINS + EVENTS), sent
        assert sent.get("closed 4029", 0) > 0, sent
        for name in watched:
            grown_mb = house.resident_mb(name) - before_mb[name]
            assert grown_mb < GROWTH_MB_MAX, (name, grown_mb)
    report = house.manage("reconcile", "--all")
    assert report.returncode == 0, report.stdout
