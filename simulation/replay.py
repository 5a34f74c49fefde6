"""Play recorded markets through real sockets, as many lanes at once as asked.

A lane is one room with a host; it plays its markets one after the other. Everybody recorded is a
guest with coins by grant, one socket a room.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from betting.wire.messages import MarketBoard
from simulation.player import Player, PlayerRefused, RoomClient
from simulation.recordings import RecordedBet, RecordedMarket

# How many bets of one market may wait for their answers at once.
BETS_UNDER_WAY = 32


@dataclass(slots=True)
class Played:
    """The result of one recorded market."""

    market: RecordedMarket
    final: MarketBoard
    pools: list[int]
    accepted: int
    refusals: Counter[str]

    @property
    def is_as_recorded(self) -> bool:
        """Whether the pools are those of the recording, to the coin."""
        return self.pools == self.market.pools


@dataclass(slots=True)
class Replay:
    """One run over a list of markets.

    `invite` signs a recorded name in as a guest and gives it coins. `speed` is how many times
    faster than recorded, 0 as fast as possible. `shuffle` delivers each market's bets in an
    order made from that seed instead of the recorded one.
    """

    url: str
    invite: Callable[[Player, str], Awaitable[None]]
    lanes: int = 3
    speed: float = 0
    shuffle: int | None = None
    on_bet: Callable[[], None] = lambda: None
    on_market: Callable[[], None] = lambda: None
    results: list[Played] = field(default_factory=list)
    _players: dict[str, Player] = field(default_factory=dict)
    _inviting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, markets: list[RecordedMarket]) -> list[Played]:
        """Play all markets and return what became of them, in the order given."""
        waiting = list(reversed(markets))
        try:
            lanes = range(min(self.lanes, len(markets)))
            async with asyncio.TaskGroup() as group:
                for number in lanes:
                    group.create_task(self._lane(number, waiting))
        finally:
            for player in self._players.values():
                await player.http.aclose()
        order = {id(market): place for place, market in enumerate(markets)}
        return sorted(self.results, key=lambda played: order[id(played.market)])

    async def _lane(self, number: int, waiting: list[RecordedMarket]) -> None:
        async with Player(self.url) as host:
            await self.invite(host, f"replay host {number}")
            room = await host.open_room(
                f"Replay, lane {number + 1}", capacity=2000, official_after_s=0
            )
            clients: dict[str, RoomClient] = {}
            try:
                while waiting:
                    market = waiting.pop()
                    self.results.append(await self._market(host, room.code, market, clients))
                    self.on_market()
                await host.patiently("POST", f"rooms/{room.code}/end/")
            finally:
                await asyncio.gather(*(client.leave() for client in clients.values()))

    async def _market(
        self, host: Player, code: str, recorded: RecordedMarket, clients: dict[str, RoomClient]
    ) -> Played:
        for user in sorted({bet.user for bet in recorded.bets} - clients.keys()):
            clients[user] = await (await self._player(user)).join(code)
        market = await host.ask(
            code, recorded.question, recorded.outcomes, hedging=recorded.hedging
        )
        refusals: Counter[str] = Counter()
        await self._bets(market, recorded, clients, refusals)
        locked = await host.step(market.id, "lock")
        ids = [outcome.id for outcome in locked.outcomes]
        if recorded.winner is None:
            final = await host.step(market.id, "void", reason="No winner was recorded.")
        elif locked.status == "locked":
            final = await self._settle(host, market.id, ids[recorded.winner])
        else:
            final = locked
        return Played(
            market=recorded,
            final=final,
            pools=[outcome.coins or 0 for outcome in locked.outcomes],
            accepted=len(recorded.bets) - refusals.total(),
            refusals=refusals,
        )

    async def _settle(self, host: Player, market: int, winner: int) -> MarketBoard:
        try:
            return await host.step(market, "settle", winners=[winner])
        except PlayerRefused as error:
            # The server calls off markets that only one side or too few people bet on.
            if error.code != "already_decided":
                raise
            return await host.step(market, "void", reason="called off by the house")

    async def _bets(
        self,
        market: MarketBoard,
        recorded: RecordedMarket,
        clients: dict[str, RoomClient],
        refusals: Counter[str],
    ) -> None:
        ids = [outcome.id for outcome in market.outcomes]
        bets = list(recorded.bets)
        if self.shuffle is not None:
            random.Random(f"{self.shuffle} {recorded.name}").shuffle(bets)
        places = asyncio.Semaphore(BETS_UNDER_WAY)
        started_s = asyncio.get_running_loop().time()

        async def place(bet: RecordedBet) -> None:
            try:
                await clients[bet.user].bet(market.id, ids[bet.outcome], bet.coins)
            except PlayerRefused as error:
                refusals[error.code] += 1
            finally:
                places.release()
                self.on_bet()

        async with asyncio.TaskGroup() as group:
            for bet in bets:
                if self.speed:
                    due_s = started_s + bet.at_s / self.speed
                    await asyncio.sleep(max(0, due_s - asyncio.get_running_loop().time()))
                await places.acquire()
                group.create_task(place(bet))

    async def _player(self, user: str) -> Player:
        async with self._inviting:
            if user not in self._players:
                player = Player(self.url)
                await self.invite(player, user)
                self._players[user] = player
            return self._players[user]
