"""People who bet over real sockets, and hosts who ask and settle, in a thread of their own."""

import asyncio
import random
import threading
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx

from betting.wire.messages import MarketBoard
from simulation.player import Player, PlayerRefused, RoomClient
from simulation.storms.attempts import Attempt, History

COPIES_MAX = 5
# Refusals that say nothing of an earlier copy of the same bet.
UNSURE = ("unavailable", "busy", "expired", "too_fast")
# A host asks again after these; any other refusal is the end of a step.
ASK_AGAIN = (*UNSURE, "too_many_markets")
JOIN_TIMEOUT_S = 120
MARKET_S = (2.0, 6.0)
# Between two bets of a person.
REST_S = (0.2, 0.8)
HASTY_REST_S = (0.05, 0.2)
# The shortest deadline that a question may have.
SHORTEST_S = 10


class Question:
    """One question of a host, from its asking to its end; each step may be repeated."""

    def __init__(self, host: Player, code: str, chance: random.Random) -> None:
        self.host, self.code = host, code
        self.market: MarketBoard | None = None
        self.lasts_s = chance.uniform(*MARKET_S)
        self._labels = ["Red", "Blue", "Green"][: chance.choice((2, 3))]
        self._fields: dict[str, Any] = {
            "takeout_bp": chance.choice((0, 0, 500)),
            "hedging": chance.random() < 0.3,
            "key": str(uuid.uuid4()),
        }
        if chance.random() < 0.5:
            self._fields["closes_in_s"] = SHORTEST_S
            self.lasts_s = SHORTEST_S + 1
        self._is_void = chance.random() < 0.1
        count = min(chance.choice((1, 1, 1, 2)), len(self._labels))
        self._winners = chance.sample(range(len(self._labels)), count)

    async def ask(self) -> None:
        self.market = await self.host.ask(self.code, "Who goes down?", self._labels, **self._fields)

    async def lock(self) -> None:
        assert self.market
        await self.host.step(self.market.id, "lock")

    async def decide(self) -> None:
        assert self.market
        if self._is_void:
            await self.host.step(self.market.id, "void", reason="a storm")
            return
        winners = [self.market.outcomes[number].id for number in self._winners]
        await self.host.step(self.market.id, "settle", winners=winners)


class Evening:
    """Rooms with a host each; people bet in one of them, a coin or a few at a time."""

    def __init__(
        self, url: str, *, people: int, rooms: int = 2, seed: int = 0, is_hasty: bool = False
    ) -> None:
        self.url, self.people, self.rooms = url, people, rooms
        self._rest_s = HASTY_REST_S if is_hasty else REST_S
        self.history = History()
        self.trouble: Exception | None = None
        # Bets whose answers are awaited.
        self.in_flight = 0
        self._chance = random.Random(seed)
        self._is_quiet = threading.Event()
        self._stopped = threading.Event()
        self._came = threading.Event()
        self._thread = threading.Thread(target=self._live, name="evening")

    def __enter__(self) -> "Evening":
        self._thread.start()
        if not self._came.wait(JOIN_TIMEOUT_S) or self.trouble:
            self.__exit__()
            raise RuntimeError(f"The people could not come: {self.trouble!r}")
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def be_quiet(self, is_quiet: bool = True) -> None:
        """Let nobody begin another bet or settlement."""
        (self._is_quiet.set if is_quiet else self._is_quiet.clear)()

    def _live(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:  # noqa: BLE001 - told to whoever waits.
            self.trouble = error
            self._came.set()

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            hosts = [await self._player(stack) for _ in range(self.rooms)]
            rooms = [
                await host.open_room(f"Storm {number}", official_after_s=0, capacity=200)
                for number, host in enumerate(hosts, 1)
            ]
            clients = []
            for number in range(self.people):
                player = await self._player(stack)
                client = await player.join(rooms[number % self.rooms].code)
                stack.push_async_callback(client.leave)
                clients.append(client)
            async with asyncio.TaskGroup() as group:
                for host, room in zip(hosts, rooms, strict=True):
                    group.create_task(self._host(host, room.code))
                for client in clients:
                    group.create_task(self._bet_on_and_on(client))
                self._came.set()

    async def _player(self, stack: AsyncExitStack) -> Player:
        player = await stack.enter_async_context(Player(self.url))
        await player.guest()
        return player

    async def _goes_on(self) -> bool:
        """Whether there is more to do; returns when it is not quiet."""
        # The event is another thread's, which no loop can wait for.
        while self._is_quiet.is_set() and not self._stopped.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return not self._stopped.is_set()

    async def _host(self, host: Player, code: str) -> None:
        while await self._goes_on():
            question = Question(host, code, self._chance)
            await self._until_done(question.ask)
            if question.market:
                self.history.markets.append(question.market.id)
                await asyncio.sleep(question.lasts_s)
                await self._until_done(question.lock)
                await self._until_done(question.decide)

    async def _until_done(self, step: Callable[[], Awaitable[object]]) -> None:
        """Take a host's step until it is answered for good: a market left behind holds coins."""
        while await self._goes_on():
            try:
                await step()
            except (PlayerRefused, httpx.HTTPError) as error:
                word = getattr(error, "code", type(error).__name__)
                self.history.words[f"host: {word}"] += 1
                if isinstance(error, PlayerRefused) and word not in ASK_AGAIN:
                    return
                await asyncio.sleep(0.2)
            else:
                return

    async def _bet_on_and_on(self, client: RoomClient) -> None:
        chance = random.Random(self._chance.random())
        while await self._goes_on():
            await asyncio.sleep(chance.uniform(*self._rest_s))
            if client.is_over:
                await self._come_back(client)
            market = next((m for m in client.markets.values() if m.status == "open"), None)
            if market is None or client.player.person is None:
                continue
            outcome = client.positions.get(market.id) or chance.choice(market.outcomes).id
            attempt = Attempt(
                bet_id=str(uuid.uuid4()), user=client.player.person.id, market=market.id,
                outcome=outcome, stake=chance.randint(1, 3),
            )  # fmt: skip
            self.history.begin(attempt)
            self.in_flight += 1
            try:
                await self._bet(client, attempt)
            finally:
                self.in_flight -= 1

    async def _come_back(self, client: RoomClient) -> None:
        self.history.words[f"sent away: {client.close_code}"] += 1
        with suppress(PlayerRefused, httpx.HTTPError):
            await client.open()

    async def _bet(self, client: RoomClient, attempt: Attempt) -> None:
        """Send copies of one bet until it is answered for good, five at most."""
        is_unsure = False
        for _ in range(COPIES_MAX):
            try:
                answer = await client.bet_once(
                    attempt.market, attempt.outcome, attempt.stake, attempt.bet_id
                )
            except PlayerRefused as error:
                is_unsure |= error.code in UNSURE
                self.history.refuse(attempt, error.code, is_final=not is_unsure)
                if error.code not in UNSURE:
                    return
            except TimeoutError:
                self.history.words["not connected"] += 1
            else:
                self.history.accept(attempt, answer)
                return
            await asyncio.sleep(0.3)
