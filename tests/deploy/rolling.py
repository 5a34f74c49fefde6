"""A rolling restart under people who sit in a room, some of whom bet all the time."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack

from betting.wire.messages import MarketBoard
from simulation.player import Player, PlayerRefused, RoomClient
from tests.deploy.proxied import Proxied

BACK_WITHIN_S = 5.0
REFUSED_AT_MOST_S = 3.0
BETS_APART_S = 0.4
CHECKS_APART_S = 0.02


class Evening:
    """Many people in one room behind the proxy: how long each was away, how long a bet took."""

    def __init__(self, proxied: Proxied) -> None:
        self.url, self.trust = proxied.nginx.url, proxied.nginx.trust
        self.clients: list[RoomClient] = []
        self.accepted: dict[str, int] = {}
        self.refused: Counter[str] = Counter()
        self.codes: Counter[int | None] = Counter()
        self.longest_away_s = self.longest_bet_s = 0.0
        self.is_over = False

    async def come(self, stack: AsyncExitStack, people: int) -> MarketBoard:
        """Guests who sit in one room, and a question for them."""
        host = await stack.enter_async_context(Player(self.url, self.trust))
        await host.guest("Hana")
        room = await host.open_room("A long evening", capacity=1000, official_after_s=0)
        for start in range(0, people, 10):
            some = range(start, min(start + 10, people))
            self.clients += await asyncio.gather(*(self._join(stack, room.code) for _ in some))
        return await host.ask(room.code, "What happens next?", ["this", "that"])

    async def _join(self, stack: AsyncExitStack, code: str) -> RoomClient:
        player = await stack.enter_async_context(Player(self.url, self.trust))
        await player.guest()
        client = await player.join(code)
        stack.push_async_callback(client.leave)
        return client

    async def bet_on_and_on(self, client: RoomClient, market: MarketBoard) -> None:
        """One bet after the other, each until it is answered."""
        while not self.is_over:
            began_s = time.monotonic()
            try:
                bet = await client.bet(market.id, market.outcomes[0].id, 1)
                self.accepted[bet.bet_id] = bet.seq
            except PlayerRefused as error:
                self.refused[error.code] += 1
            self.longest_bet_s = max(self.longest_bet_s, time.monotonic() - began_s)
            await asyncio.sleep(BETS_APART_S)

    async def watch(self) -> None:
        """Note how long each client is away, and with which code it went."""
        since_s: dict[RoomClient, float] = {}
        while not self.is_over:
            now_s = time.monotonic()
            for client in self.clients:
                if client.is_open:
                    since_s.pop(client, None)
                    continue
                if client not in since_s:
                    self.codes[client.close_code] += 1
                away_s = now_s - since_s.setdefault(client, now_s)
                self.longest_away_s = max(self.longest_away_s, away_s)
            await asyncio.sleep(CHECKS_APART_S)


async def roll(proxied: Proxied, people: int, bettors: int) -> tuple[Evening, int]:
    """Restart both processes under the evening; gives it, and the coins on the question."""
    evening = Evening(proxied)
    async with AsyncExitStack() as stack:
        market = await evening.come(stack, people)
        tasks = [asyncio.create_task(evening.watch())]
        for client in evening.clients[:bettors]:
            tasks.append(asyncio.create_task(evening.bet_on_and_on(client, market)))
        await asyncio.sleep(2 * BETS_APART_S)
        for web in proxied.webs:
            await web.restart()
            await _until_all_are_back(evening)
        assert all(client.reconnects for client in evening.clients), "each sat in one of them"
        evening.is_over = True
        await asyncio.gather(*tasks)
        told = await evening.clients[-1].player.call("GET", f"markets/{market.id}/")
    return evening, told["coins"]


async def _until_all_are_back(evening: Evening) -> None:
    deadline = time.monotonic() + 2 * BACK_WITHIN_S
    while not all(client.is_open for client in evening.clients):
        away = [(s.close_code, s.reconnects) for s in evening.clients if not s.is_open]
        assert time.monotonic() < deadline, f"not back: {away}"
        await asyncio.sleep(CHECKS_APART_S)


def check(proxied: Proxied, people: int, bettors: int) -> None:
    """Everybody is back soon, every bet stands once, and the books are even."""
    evening, coins = asyncio.run(roll(proxied, people, bettors))
    print(  # noqa: T201
        f"{people} people, {len(evening.accepted)} bets, refused {dict(evening.refused)}, away at"
        f" most {evening.longest_away_s:.2f} s, longest bet {evening.longest_bet_s:.2f} s,"
        f" close codes {dict(evening.codes)}"
    )
    assert not evening.refused
    assert coins == len(evening.accepted) > bettors
    assert set(evening.codes) == {1012}
    assert evening.longest_away_s <= BACK_WITHIN_S
    assert evening.longest_bet_s <= REFUSED_AT_MOST_S
    told = proxied.house.manage("reconcile", "--all")
    assert told.returncode == 0, told.stdout + told.stderr
