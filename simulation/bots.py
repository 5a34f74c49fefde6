"""A small live crowd: real clients that bet, talk, lose their connection and come back."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from betting.wire.messages import MarketBoard
from simulation.player import Player, PlayerRefused, RoomClient

Invite = Callable[[Player], Awaitable[None]]

PAUSE_S = (1.5, 6.0)
STAKES = (5, 10, 10, 20, 25, 50)
WORDS = [
    "here we go",
    "never in doubt",
    "who is on the other side?",
    "that was close",
    "one more, then I stop",
    "the long shot it is",
    "I can feel it",
    "odds are moving",
]
QUESTIONS = [
    ("Which snail wins heat {n}?", ["Turbo Lettuce", "The Duchess", "Old Gravy", "Slow Burn"]),
    ("Coin toss {n}: heads or tails?", ["Heads", "Tails"]),
    ("How many goals in minute {n}?", ["None", "One", "Two or more"]),
    ("Who blinks first in round {n}?", ["The referee", "The crowd"]),
]
OPEN_S = 40
BETWEEN_S = 8


@dataclass(slots=True)
class Tally:
    """What the crowd has done so far."""

    bets: int = 0
    refused: int = 0
    lines: int = 0
    drops: int = 0
    markets: int = 0
    codes: dict[str, int] = field(default_factory=dict)


class Crowd:
    """`size` players in one room, until `run` is cancelled or its time is over."""

    def __init__(self, url: str, code: str, size: int, invite: Invite) -> None:
        self.url, self.code, self.size, self.invite = url, code, size, invite
        self.tally = Tally()

    async def run(self, seconds: float | None) -> Tally:
        """Play for some seconds, or for ever with None; a player who is broke goes home."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                for _place in range(self.size):
                    group.create_task(self._place())
        return self.tally

    async def _place(self) -> None:
        while True:
            with contextlib.suppress(PlayerRefused, OSError):
                async with Player(self.url) as player:
                    await self.invite(player)
                    await self._play(await player.join(self.code))
            await asyncio.sleep(random.uniform(*PAUSE_S))

    async def _play(self, client: RoomClient) -> None:
        try:
            while client.coins >= min(STAKES) and not client.is_over:
                await asyncio.sleep(random.uniform(*PAUSE_S))
                await self._act(client)
        finally:
            await client.leave()

    async def _act(self, client: RoomClient) -> None:
        chance = random.random()
        if chance < 0.02:
            self.tally.drops += 1
            await client.drop()
        elif chance < 0.08:
            self.tally.lines += 1
            await client.say(random.choice(WORDS))
        else:
            await self._bet(client)

    async def _bet(self, client: RoomClient) -> None:
        open_markets = [market for market in client.markets.values() if market.status == "open"]
        if not open_markets:
            return
        market = random.choice(open_markets)
        taken = client.positions.get(market.id)
        outcome = taken or random.choice(market.outcomes).id
        try:
            await client.bet(market.id, outcome, random.choice(STAKES))
            self.tally.bets += 1
        except PlayerRefused as error:
            self.tally.refused += 1
            self.tally.codes[error.code] = self.tally.codes.get(error.code, 0) + 1


async def keep_asking(host: Player, code: str, tally: Tally) -> None:
    """Host a room for ever: ask, wait for the lock, decide by chance, ask again."""
    client = await host.join(code)
    try:
        while not client.is_over:
            with contextlib.suppress(PlayerRefused, OSError):
                await _one_question(host, client, tally)
            await asyncio.sleep(BETWEEN_S)
    finally:
        await client.leave()


async def _one_question(host: Player, client: RoomClient, tally: Tally) -> None:
    market = next((m for m in client.markets.values() if m.status in ("open", "locked")), None)
    if market is None:
        question, outcomes = random.choice(QUESTIONS)
        question = question.format(n=random.randint(1, 90))
        market = await host.ask(client.code, question, outcomes, closes_in_s=OPEN_S)
        tally.markets += 1
    if market.status == "open":
        # Also one that somebody else opened: people shall have time to bet on it.
        await asyncio.sleep(OPEN_S + 1)
    locked = await host.step(market.id, "lock")
    await asyncio.sleep(3)
    if locked.status == "locked":
        await host.step(market.id, "settle", winners=[_winner(locked)])


def _winner(market: MarketBoard) -> int:
    """Favourites win more often, as in life."""
    weights = [(outcome.coins or 0) + 1 for outcome in market.outcomes]
    return random.choices([outcome.id for outcome in market.outcomes], weights)[0]
