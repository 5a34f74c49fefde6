"""An evening for tests: a host, a room, and players that come when they are asked for."""

from betting.wire.messages import MarketBoard
from rooms.messages import RoomShape
from simulation.player import Player, RoomClient

WELCOME_COINS = 1000


class Evening:
    """One room on a running house; everybody leaves when it is over."""

    def __init__(self, url: str, **room: object) -> None:
        self.url, self.room_fields = url, room
        self.host = Player(url)
        self.players: list[Player] = []
        self.clients: list[RoomClient] = []
        self.room: RoomShape

    async def __aenter__(self) -> "Evening":
        await self.host.guest("Hana")
        self.room = await self.host.open_room("An evening", official_after_s=0, **self.room_fields)
        return self

    async def __aexit__(self, *problem: object) -> None:
        for client in self.clients:
            await client.leave()
        for player in [self.host, *self.players]:
            await player.http.aclose()

    async def player(self) -> RoomClient:
        player = Player(self.url)
        self.players.append(player)
        await player.guest()
        return await self.client(player)

    async def client(self, player: Player) -> RoomClient:
        client = await player.join(self.room.code)
        self.clients.append(client)
        return client

    async def ask(self, outcomes: int = 2, **fields: object) -> MarketBoard:
        labels = [f"answer {number}" for number in range(outcomes)]
        return await self.host.ask(self.room.code, "What happens next?", labels, **fields)

    async def finish(self, market: MarketBoard, winner: int) -> MarketBoard:
        await self.host.step(market.id, "lock")
        return await self.host.step(market.id, "settle", winners=[market.outcomes[winner].id])

    async def coins(self) -> int:
        answers = [await player.call("GET", "auth/me/") for player in self.players]
        return sum(answer["wallets"][0]["coins"] for answer in answers)
