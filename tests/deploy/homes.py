"""What travels between web processes while people bet: in rooms at home, and in a large one."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from betting.wire.messages import MarketBoard
from simulation.player import PlayerRefused, RoomClient
from tests.deploy.proxied import Proxied, Web
from tests.deploy.rolling import Evening

PATIENCE_S = 30.0
ROOM_SOCKETS_MAX = 10
PEOPLE_PER_PROCESS = 4
BETS_S = 1.5
# Two seconds are the promise; a machine that has three other things to do takes its time.
HEARD_WITHIN_S = 5.0
DELIVERIES_A_BET_MAX = 1.5
# Ten who bet when they are answered; how many wait meanwhile is up to the machine.
BETS_A_CALL_MIN = 1.5
POOLS_A_SECOND_MAX = 5.0


@dataclass(frozen=True)
class Travelled:
    """What all web processes counted in a while."""

    seconds: float
    bets: float
    calls: float
    pools: float
    touched: float
    deliveries: float

    def __str__(self) -> str:
        return (
            f"{self.bets / self.seconds:.0f} bets/s, {self.bets / self.calls:.1f} a call, "
            f"{self.deliveries / self.bets:.3f} deliveries a bet, "
            f"{self.pools / self.seconds:.1f} pools/s, {self.touched:.0f} touches"
        )


class Counting:
    """The figures of all web processes, read from one of them."""

    def __init__(self, web: Web, token: str) -> None:
        self.url = f"http://127.0.0.1:{web.port}/metrics/"
        self.bearer = {"Authorization": f"Bearer {token}"}

    def read(self) -> dict[str, float]:
        """Name and labels → figure."""
        told = httpx.get(self.url, headers=self.bearer, timeout=PATIENCE_S).raise_for_status()
        lines = [line.rpartition(" ") for line in told.text.splitlines() if line[:1] != "#"]
        return {name: float(figure) for name, _blank, figure in lines}

    async def during(self, seconds: float, *busy: "Room") -> Travelled:
        """What is counted in the next seconds, in which everybody in the busy rooms bets.

        They stop before the figures are read, which would take long beside them.
        """
        before, began_s = await asyncio.to_thread(self.read), time.monotonic()
        async with betting(*busy):
            await asyncio.sleep(seconds)
        after, ended_s = await asyncio.to_thread(self.read), time.monotonic()

        def rise(name: str) -> float:
            return after[name] - before.get(name, 0)

        received = [name for name in after if name.startswith("ringside_layer_received_total")]
        return Travelled(
            seconds=ended_s - began_s,
            bets=rise('ringside_bets_total{answer="accepted"}'),
            calls=rise("ringside_place_bets_seconds_count"),
            pools=rise('ringside_layer_sent_total{kind="pools"}'),
            touched=rise('ringside_layer_sent_total{kind="touched"}'),
            deliveries=sum(map(rise, received)),
        )


class Room:
    """A room with one question, and people who bet on it one after the other."""

    def __init__(self, evening: Evening, market: MarketBoard) -> None:
        self.evening, self.market = evening, market

    async def bet_on_and_on(self, client: RoomClient, pause_s: float) -> None:
        """One bet after the other, until cancelled or until a thousand coins are bet."""
        while True:
            try:
                await client.bet(self.market.id, self.market.outcomes[0].id, 1)
            except PlayerRefused as refused:
                if refused.code == "not_enough_coins":
                    return
                assert refused.code == "unavailable", refused
                pause_s = max(pause_s, 0.1)
            await asyncio.sleep(pause_s)

    async def all_hear(self, client: RoomClient) -> float:
        """Seconds from a bet until everybody in the room is told of it."""
        await client.bet(self.market.id, self.market.outcomes[0].id, 1)
        began_s = time.monotonic()
        own = client.markets[self.market.id]
        clients = [each for each in self.evening.clients if each.is_open]

        def coins(each: RoomClient) -> int:
            return each.markets[self.market.id].outcomes[0].coins

        placed = (await client.player.call("GET", f"markets/{own.id}/"))["coins"]
        await _until(lambda: all(coins(each) >= placed for each in clients))
        return time.monotonic() - began_s


async def _until(holds: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until_s, "It did not come true in time."
        await asyncio.sleep(0.01)


async def come(stack: AsyncExitStack, proxied: Proxied, people: int) -> Room:
    """A room with so many people."""
    evening = Evening(proxied)
    return Room(evening, await evening.come(stack, people))


@asynccontextmanager
async def betting(*rooms: Room, pause_s: float = 0.0) -> AsyncIterator[None]:
    """Everybody in these rooms bets on and on."""
    tasks = [
        asyncio.create_task(room.bet_on_and_on(client, pause_s))
        for room in rooms
        for client in room.evening.clients
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        wrong = [end for end in ended if isinstance(end, Exception)]
        assert not wrong, wrong


async def at_home(stack: AsyncExitStack, proxied: Proxied, counting: Counting) -> Travelled:
    """As many rooms as there are processes, each as large as a process takes."""
    rooms = [await come(stack, proxied, ROOM_SOCKETS_MAX) for _web in proxied.webs]
    until_s = time.monotonic() + PATIENCE_S
    async with betting(*rooms, pause_s=0.2):
        # A process looks every two seconds whether a room is its own.
        while (await counting.during(0.3)).pools:
            assert time.monotonic() < until_s, "the rooms have no home"
    return await counting.during(BETS_S, *rooms)


async def in_a_large_room(
    stack: AsyncExitStack, proxied: Proxied, counting: Counting
) -> tuple[Room, Travelled]:
    """A room that sits in all processes, because none has the space for it alone."""
    room = await come(stack, proxied, PEOPLE_PER_PROCESS * len(proxied.webs))
    async with betting(room, pause_s=0.02):
        await asyncio.sleep(0.5)
        return room, await counting.during(BETS_S)


async def home_of(proxied: Proxied, client: RoomClient) -> Web:
    """Where a client sits: its connection is cut, and nginx tells where it was led."""
    log, reconnects = proxied.nginx.folder / "nginx.log", client.reconnects

    def ended() -> list[str]:
        line = rf"GET /ws/rooms/{client.code}/ 101 .*:(\d+) \w+\n"
        return re.findall(line, log.read_text())

    before = len(ended())
    await client.drop()
    await _until(lambda: client.is_open and client.reconnects > reconnects)
    await _until(lambda: len(ended()) > before)
    [web] = [web for web in proxied.webs if web.port == int(ended()[-1])]
    return web


async def _check(proxied: Proxied, counting: Counting) -> None:
    async with AsyncExitStack() as stack:
        home = await at_home(stack, proxied, counting)
        room, large = await in_a_large_room(stack, proxied, counting)
        print(f"{len(proxied.webs)} processes. At home: {home}. A large room: {large}")  # noqa: T201
        assert home.deliveries / home.bets <= DELIVERIES_A_BET_MAX
        assert home.bets / home.calls >= BETS_A_CALL_MIN
        assert large.pools / large.seconds <= POOLS_A_SECOND_MAX
        leading, *others = room.evening.clients
        assert await room.all_hear(others[0]) < HEARD_WITHIN_S
        web = await home_of(proxied, leading)
        # Its process told of this bet, so it leads.
        await room.all_hear(leading)
        async with betting(room, pause_s=0.1):
            assert web.child
            web.child.kill()
            web.child.wait()
            await _until(lambda: all(client.is_open for client in room.evening.clients))
        longest_s = max([await room.all_hear(client) for client in room.evening.clients[:4]])
        print(f"The process that led was killed; then heard within {longest_s:.2f} s")  # noqa: T201
        assert longest_s < HEARD_WITHIN_S
    web.start()
    await asyncio.to_thread(web.wait)


def check(proxied: Proxied, token: str) -> None:
    """Little travels for rooms at home, one process tells for a large room, also after a kill."""
    asyncio.run(_check(proxied, Counting(proxied.webs[0], token)))
