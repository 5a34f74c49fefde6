"""Clients at a room's socket, without a server in between."""

import asyncio
import json
import threading
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.test import TransactionTestCase, override_settings

from accounts.handshake.middleware import Visitor
from accounts.models import User
from accounts.sockets.registry import registry
from betting import bank, ledger
from betting.actions import decisions, markets, payments
from betting.consumers import BetConsumer
from betting.models import Market
from betting.wire.requests import Decision, NewMarket
from rooms import access
from rooms.fanout.hub import get_hub
from rooms.models import Club, Room
from rooms.tests.people import room_of, somebody
from web import threads

WAIT_S = 45


class RoomClient:
    """One socket of one user in one room."""

    def __init__(self, room: Room, user: User) -> None:
        self.user = user
        self._kept: list[dict[str, Any]] = []
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "visitor": Visitor(
                user_id=user.pk,
                nickname=user.nickname,
                sign_in_id=str(uuid4()),
                expires_at_ms=2**53,
            ),
            "url_route": {"kwargs": {"code": room.code}},
            "client": ("127.0.0.1", 1),
        }
        connection = BetConsumer.as_asgi()(scope, self._incoming.get, self._outgoing.put)
        self._task = asyncio.ensure_future(connection)

    async def join(self) -> dict[str, Any]:
        """Connect and say hello; the welcome."""
        await self._incoming.put({"type": "websocket.connect"})
        assert (await self._event())["type"] == "websocket.accept"
        await self.say({"type": "hello"})
        return await self.hear("welcome")

    async def say(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self._incoming.put({"type": "websocket.receive", "text": text})

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these types; others are kept until they are asked for."""
        for told in self._kept:
            if told["type"] in kinds:
                self._kept.remove(told)
                return told
        while True:
            event = await self._event()
            assert event["type"] == "websocket.send", event
            told = json.loads(event["text"])
            if told["type"] in kinds:
                return told
            self._kept.append(told)

    async def see(self, status: str, *, paying: bool = False) -> dict[str, Any]:
        """Wait until a market is told with this status."""
        while True:
            market: dict[str, Any] = (await self.hear("market"))["market"]
            if (market["status"], market["paying"]) == (status, paying):
                return market

    async def bet(self, market: Market, outcome: int, stake: Any, **fields: Any) -> dict[str, Any]:
        """Stake, and the answer."""
        message = {
            "type": "bet.place",
            "bet_id": str(uuid4()),
            "market": market.pk,
            "outcome": outcome,
            "stake": stake,
        }
        await self.say(message | fields)
        return await self.hear("bet.accepted", "bet.refused", "error")

    async def leave(self) -> None:
        await self._incoming.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, WAIT_S)

    async def _event(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._outgoing.get(), WAIT_S)


@override_settings(ROOT_URLCONF="betting.tests.urls")
class RoomTestCase(TransactionTestCase):
    """A room with a host and three guests who may join."""

    def setUp(self) -> None:
        # What the migration made was flushed by the last test of this kind.
        Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Ringside"})
        self.host = somebody("Hana")
        self.room = room_of(self.host)
        access.enter(self.host, self.room)
        self.ana, self.bo, self.cy = (somebody(name) for name in ("ana", "bo", "cy"))

    def tearDown(self) -> None:
        head = bank.head(self.room.club_id)
        assert head.is_even
        ledger.record_all(self.room.club_id)
        assert ledger.totals(self.room.club_id).in_wallets == head.in_wallets

    async def market(self, **fields: Any) -> Market:
        """An open question with two answers."""
        new = NewMarket(question="Who wins?", outcomes=["Red", "Blue"], **fields)
        by = await User.objects.aget(pk=self.host.pk)
        return await sync_to_async(markets.create)(by, self.room, new, markets.texts(new))

    async def outcomes(self, market: Market) -> list[int]:
        return [outcome.pk async for outcome in market.outcomes.order_by("number")]

    def settled(self, market_id: int, winner: int) -> Market:
        """Lock, settle and pay, as the host."""
        by = markets.Author(self.host, is_operator=False)
        decisions.lock(by, markets.find(market_id))
        decisions.settle(by, markets.find(market_id), Decision(winners=[winner]))
        assert payments.finish(market_id)
        return markets.find(market_id)

    async def act(self, act: Any, *args: Any, **fields: Any) -> Any:
        """Do something synchronous."""
        return await sync_to_async(act)(*args, **fields)

    async def connect(self, user: User) -> tuple[RoomClient, dict[str, Any]]:
        """Join the room; the socket is left when the test is over."""
        client = RoomClient(self.room, user)
        welcome = await client.join()
        return client, welcome

    async def stop_hub(self) -> None:
        """Nothing happens any more but what is asked for."""
        for each in (get_hub(), registry()):
            each.stop()
            await asyncio.gather(*each._tasks, return_exceptions=True)
        # What they asked the database last goes on in its thread for a moment; when all
        # threads of the pool have met, none of them is still at it.
        meeting = threading.Barrier(threads.THREADS)
        await asyncio.gather(*(threads.read_sql(meeting.wait) for _ in range(threads.THREADS)))
