"""A room as it happens: one socket that comes back by itself."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, ClassVar, Self, get_args

import msgspec
import websockets

from ringside_client import shapes
from ringside_client.refusal import Refused, handshake_refusal

# Close codes after which nobody comes back: nonsense, removed, replaced, ended.
FINAL = {1008, 4403, 4409, 4410}
SIGN_IN = 4401
# Messages that wait for who iterates; beyond it the oldest are dropped.
KEPT = 1000
# Before it comes back, longer after each connection without a welcome.
WAIT_LEAST_S, WAIT_MOST_S = 0.5, 15.0
_ANSWER_S = 3.0
_REFUSALS = {SIGN_IN: "sign_in", 4403: "forbidden", 4410: "room_ended"}


class _Tagged(msgspec.Struct):
    type: str


class LiveRoom:
    """A room as everybody in it sees it; use it with `async with`, and iterate over its messages.

    `room`, `here` and `markets` are the newest. After a break a `Welcome` comes again: there is no
    replay, it tells everything at that moment. The iteration ends when the server closes the
    socket for good; `close_code` says why.
    """

    told: ClassVar[Any] = shapes.ScreenTold

    def __init__(
        self, connect: Callable[[], websockets.connect], renew: Callable[[], Awaitable[bool]],
        patience_s: float,
    ) -> None:  # fmt: skip
        self.close_code = 0
        self.here = 0
        self.coming = False
        self.room: shapes.RoomShape
        self.markets: dict[int, shapes.MarketBoard] = {}
        self.patience_s = patience_s
        self._connect, self._renew = connect, renew
        # Since the last welcome: a sign-in that has run out is renewed once.
        self._has_renewed = False
        self._decoders = {
            each.__struct_config__.tag: msgspec.json.Decoder(each) for each in get_args(self.told)
        }
        self._messages: asyncio.Queue[Any] = asyncio.Queue(KEPT)
        self._welcomed = asyncio.Event()
        self._socket: websockets.ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect; returns after the welcome. Raises Refused, `unavailable` without one."""
        self._task = asyncio.create_task(self._live())
        welcomed = asyncio.create_task(self._welcomed.wait())
        try:
            await asyncio.wait(
                {welcomed, self._task}, timeout=self.patience_s, return_when="FIRST_COMPLETED"
            )
            if not self._welcomed.is_set():
                if self._task.done():
                    self._task.result()
                code = _REFUSALS.get(self.close_code, "unavailable")
                raise Refused(code, f"no welcome, closed with {self.close_code}")
        except BaseException:
            await self._end()
            raise
        finally:
            welcomed.cancel()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._end()

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (message := await self._messages.get()) is not None:
            yield message
        # For the next who iterates.
        self._keep(None)
        if self._task and not self._task.cancelled():
            self._task.result()

    async def _end(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _live(self) -> None:
        wait_s = WAIT_LEAST_S
        try:
            while True:
                self.close_code = await self._one_connection()
                if self._welcomed.is_set():
                    wait_s, self._has_renewed = WAIT_LEAST_S, False
                self._welcomed.clear()
                self._lost()
                if not await self._comes_back():
                    return
                await asyncio.sleep(wait_s * random.uniform(0.3, 1))
                wait_s = min(WAIT_MOST_S, 2 * wait_s)
        finally:
            self._keep(None)

    async def _one_connection(self) -> int:
        """Read one socket to its end; returns its close code. Raises Refused."""
        try:
            async with self._connect() as self._socket:
                await self._send(shapes.Hello())
                async for text in self._socket:
                    self._read(text)
                return 1000
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        except websockets.InvalidStatus as refused:
            answer = refused.response
            if answer.status_code < 500 and answer.status_code != 429:
                kind = answer.headers.get("Content-Type", "")
                raise handshake_refusal(answer.status_code, answer.body, kind) from None
        except (OSError, TimeoutError, websockets.InvalidHandshake):
            pass
        return 1006

    async def _comes_back(self) -> bool:
        if self.close_code != SIGN_IN:
            return self.close_code not in FINAL
        if self._has_renewed:
            return False
        try:
            self._has_renewed = await self._renew()
        except Refused as refused:
            # A renewal without an answer says nothing of the sign-in.
            return refused.is_passing or refused.is_unknown
        return self._has_renewed

    async def _send(self, message: msgspec.Struct) -> None:
        if self._socket is None:
            raise Refused("unavailable", "not connected")
        await self._socket.send(msgspec.json.encode(message).decode())

    def _read(self, text: str | bytes) -> None:
        decoder = self._decoders.get(msgspec.json.decode(text, type=_Tagged).type)
        # A message that this version does not know is none of ours.
        if decoder:
            message = decoder.decode(text)
            # What comes before the welcome is told by the welcome, too.
            if self._welcomed.is_set() or isinstance(message, shapes.Welcome):
                self._heard(message)
            self._keep(message)

    def _keep(self, message: Any) -> None:
        if self._messages.full():
            self._messages.get_nowait()
        self._messages.put_nowait(message)

    def _heard(self, message: Any) -> None:
        match message:
            case shapes.Welcome():
                self.room, self.here, self.coming = message.room, message.here, message.coming
                self.markets = {each.id: self._newest(each) for each in message.markets}
                self._welcomed.set()
            case shapes.Pools():
                self._moved(message)
            case shapes.MarketChanged(market=market):
                self.markets[market.id] = self._newest(market)
            case shapes.Coming():
                self.coming = message.coming
            case shapes.RoomChanged():
                self.room, self.here = message.room, message.room.here
            case shapes.People():
                self.here = self.room.here = message.here
            case shapes.Renamed(user=user) if user.id == self.room.host.id:
                self.room.host = user

    def _newest(self, market: shapes.MarketBoard) -> shapes.MarketBoard:
        known = self.markets.get(market.id, market)
        return known if known.version > market.version else market

    def _moved(self, pools: shapes.Pools) -> None:
        market = self.markets.get(pools.market)
        if market and pools.version > market.version:
            market.version, market.bettors = pools.version, pools.bettors
            figures = {each.id: each for each in pools.outcomes}
            for outcome in market.outcomes:
                moved = figures[outcome.id]
                outcome.coins, outcome.heads, outcome.odds = moved.coins, moved.heads, moved.odds
            staked = [each.coins for each in pools.outcomes if each.coins is not None]
            market.coins = sum(staked) if staked else None

    def _lost(self) -> None:
        """Act on a connection that broke."""


class JoinedRoom(LiveRoom):
    """A room as one of its members: `coins` are one's own, as `positions` by (market, outcome)."""

    told: ClassVar[Any] = shapes.RoomTold

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.coins = 0
        self.positions: dict[tuple[int, int], int] = {}
        self._at = (0, 0)
        self._waiting: dict[str, asyncio.Future[shapes.BetAccepted | Refused]] = {}

    async def bet(
        self, market: int, outcome: int, stake: int, *, bet_id: str = ""
    ) -> shapes.BetAccepted:
        """Stake coins on an outcome, asking again with the same id until it is known.

        Raises Refused: what a rule says, or `unavailable` when patience ends.
        """
        bet_id = bet_id or str(uuid.uuid4())
        bet = shapes.BetPlace(bet_id=bet_id, market=market, outcome=outcome, stake=stake)
        until_s = time.monotonic() + self.patience_s
        while True:
            try:
                return await self._bet_once(bet)
            except Refused as refused:
                is_over = self._task is None or self._task.done() or time.monotonic() > until_s
                if is_over or not (refused.is_passing or refused.is_unknown):
                    raise
            await asyncio.sleep(0.2 + random.random() * 0.3)

    async def say(self, text: str) -> None:
        """Say a line to the room; it comes back as a `ChatSaid`. Raises Refused: unavailable."""
        try:
            await self._send(shapes.ChatSay(text=text))
        except websockets.ConnectionClosed as closed:
            raise Refused("unavailable", "the connection broke") from closed

    async def _bet_once(self, bet: shapes.BetPlace) -> shapes.BetAccepted:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._welcomed.wait()
                future = asyncio.get_running_loop().create_future()
                answer = self._waiting.setdefault(bet.bet_id, future)
                await self._send(bet)
                told = await answer
        except (TimeoutError, websockets.ConnectionClosed) as error:
            raise Refused("unavailable", "no answer yet") from error
        finally:
            self._waiting.pop(bet.bet_id, None)
        if isinstance(told, Refused):
            raise told
        return told

    def _heard(self, message: Any) -> None:
        super()._heard(message)
        match message:
            case shapes.Welcome():
                self.positions = {(each.market, each.outcome): each.coins for each in message.mine}
                self.coins, self._at = message.coins, (message.epoch, message.seq)
            case shapes.BetAccepted():
                self._hold(message.market, message.outcome, message.position)
                self._own(message)
                self._answer(message.bet_id, message)
            case shapes.WalletChanged() if message.club == self.room.club:
                for held in message.mine or []:
                    self._hold(message.market or 0, held.outcome, held.coins)
                self._own(message)
            case shapes.DraftsChanged():
                self.coming = bool(message.markets)
                told = {each.id: self._newest(each) for each in message.markets}
                others = {id: each for id, each in self.markets.items() if each.status != "draft"}
                self.markets = told | others
            case shapes.BetRefused():
                refused = Refused(message.code, message.message, detail=message.detail)
                self._answer(message.bet_id, refused)
            case shapes.Error(re=str(bet_id)):
                refused = Refused(message.code, message.message, detail=message.detail)
                self._answer(bet_id, refused)

    def _hold(self, market: int, outcome: int, coins: int) -> None:
        # The answer to a repeated bet may be old, and positions only grow while a market runs.
        self.positions[market, outcome] = max(coins, self.positions.get((market, outcome), 0))

    def _own(self, told: shapes.BetAccepted | shapes.WalletChanged) -> None:
        if (told.epoch, told.seq) >= self._at:
            self.coins, self._at = told.coins, (told.epoch, told.seq)

    def _answer(self, bet_id: str, answer: shapes.BetAccepted | Refused) -> None:
        waiting = self._waiting.get(bet_id)
        # A refusal is a result, too: nobody may be left to take an exception.
        if waiting and not waiting.done():
            waiting.set_result(answer)

    def _lost(self) -> None:
        for bet_id in self._waiting:
            self._answer(bet_id, Refused("unavailable", "the connection broke"))
