"""One typed client of our own protocol: what crowd, replay, storm and benchmarks play with.

A Player is a browser's worth of identity (cookies, CSRF); a RoomClient is one socket of theirs in a
room that comes back by itself, keeps the newest figures and never lets a bet count twice.
"""

import asyncio
import random
import ssl
import time
import uuid
from collections import deque
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec
import websockets

from accounts.sockets.frames import Error, encode
from betting.wire.messages import (
    BetAccepted,
    BetPlace,
    BetRefused,
    BettingEvent,
    BettingMessage,
    MarketBoard,
    MarketChanged,
    Pools,
    WalletChanged,
    Welcome,
)
from rooms.messages import ChatSay, Hello, Notice, People, Person, RoomShape

PATIENCE_S = 15.0
# Refusals of one copy of a bet that the same id may outlive.
PASSING = {"unavailable", "busy", "expired", "too_fast"}
# Close codes after which a client comes back by itself.
COME_BACK = {1006, 1009, 1011, 1012, 4000, 4008, 4029}

_read_event = msgspec.json.Decoder(BettingEvent).decode


class PlayerRefused(Exception):
    """The server refused; `code` is a word of the protocol, `status` the HTTP status or 0."""

    def __init__(self, code: str, message: str = "", *, status: int = 0, wait_s: float = 0) -> None:
        self.code, self.message, self.status, self.wait_s = code, message, status, wait_s
        super().__init__(f"{code}: {message}")


class Player:
    """One person with cookies of their own, talking to one Ringside.

    `trust` is for a server whose certificate only we know.
    """

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        self.url = url.rstrip("/")
        self.trust = trust
        self.http = httpx.AsyncClient(
            base_url=self.url, headers={"Origin": self.url}, timeout=30, trust_env=False,
            verify=trust or True,
        )  # fmt: skip
        self.person: Person | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.http.aclose()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API under /api/; returns the decoded answer. Raises PlayerRefused.

        An access token that has run out is renewed once, as a page does.
        """
        try:
            return await self._call(method, path, body)
        except PlayerRefused as error:
            if error.status != 401 or path == "auth/refresh/":
                raise
        await self._call("POST", "auth/refresh/")
        return await self._call(method, path, body)

    async def patiently(self, method: str, path: str, body: Any = None) -> Any:
        """Like `call`, and waits as told while the server says too_fast, busy or unavailable."""
        until_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                return await self.call(method, path, body)
            except (PlayerRefused, httpx.TransportError) as error:
                passing = isinstance(error, httpx.TransportError) or error.status in (429, 503)
                if not passing or time.monotonic() > until_s:
                    raise
                await asyncio.sleep(getattr(error, "wait_s", 0) or 0.2)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        if method != "GET" and not self.http.cookies.get("csrftoken"):
            await self.http.get("/api/auth/csrf/")
        token = self.http.cookies.get("csrftoken") or ""
        answer = await self.http.request(
            method, f"/api/{path}", json=body, headers={"X-CSRFToken": token}
        )
        if answer.is_success:
            return answer.json() if answer.content else None
        wait_s = float(answer.headers.get("Retry-After", 0))
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError, TypeError):
            error = {"code": "unavailable", "message": answer.text[:200]}
        raise PlayerRefused(
            error["code"], error.get("message", ""), status=answer.status_code, wait_s=wait_s
        )

    async def guest(self, nickname: str | None = None) -> Person:
        """Become a guest."""
        body = {"nickname": nickname} if nickname else {}
        answer = await self.patiently("POST", "auth/guest/", body)
        self.person = msgspec.convert(answer["user"], Person)
        return self.person

    async def open_room(self, title: str, **fields: Any) -> RoomShape:
        """Open a public room and host it."""
        body = {"title": title, "visibility": "public", "key": str(uuid.uuid4()), **fields}
        return msgspec.convert(await self.patiently("POST", "rooms/", body), RoomShape)

    async def ask(
        self, code: str, question: str, outcomes: list[str], **fields: Any
    ) -> MarketBoard:
        """Put a question to a room."""
        body = {"question": question, "outcomes": outcomes, "key": str(uuid.uuid4()), **fields}
        answer = await self.patiently("POST", f"rooms/{code}/markets/", body)
        return msgspec.convert(answer, MarketBoard)

    async def step(self, market: int, step: str, **fields: Any) -> MarketBoard:
        """Lock, settle or void; what is unofficial and a payment that goes on are waited for."""
        answer = await self.patiently("POST", f"markets/{market}/{step}/", fields)
        while answer["paying"] or answer["official"]:
            await asyncio.sleep(0.2)
            answer = await self.patiently("GET", f"markets/{market}/")
        return msgspec.convert(answer, MarketBoard)

    async def join(self, code: str) -> "RoomClient":
        """Join a room by a socket; returns after its welcome."""
        client = RoomClient(self, code)
        await client.open()
        return client


class RoomClient:
    """One socket in one room; it reconnects until it is told not to or is left."""

    def __init__(self, player: Player, code: str) -> None:
        self.player = player
        self.code = code
        self.welcome: Welcome | None = None
        self.markets: dict[int, MarketBoard] = {}
        self.positions: dict[int, int] = {}
        self.coins = 0
        self.seq = 0
        self.here = 0
        self.notices: deque[str] = deque(maxlen=20)
        self.reconnects = 0
        self.close_code: int | None = None
        self._waiting: dict[str, asyncio.Future[BetAccepted]] = {}
        self._ready = asyncio.Event()
        self._socket: websockets.ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._ready.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the client has stopped coming back: the room ended, or we were sent away."""
        return self._task is None or self._task.done()

    async def open(self) -> None:
        """Connect, say hello and wait for the welcome."""
        self._task = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._task}, timeout=PATIENCE_S, return_when="FIRST_COMPLETED")
        ready.cancel()
        if not self._ready.is_set():
            await self.leave()
            raise PlayerRefused("unavailable", f"no welcome, close code {self.close_code}")

    async def leave(self) -> None:
        """Close the socket and stay away."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def drop(self) -> None:
        """Cut the connection as a tunnel would; the client comes back by itself."""
        if self._socket:
            self._ready.clear()
            self._socket.transport.abort()

    async def bet(
        self, market: int, outcome: int, stake: int, bet_id: str | None = None
    ) -> BetAccepted:
        """Place a bet and wait for its answer, asking again with the same id while unknown.

        Raises PlayerRefused with the server's word; `unavailable` when patience ends.
        """
        bet_id = bet_id or str(uuid.uuid4())
        until_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                return await self.bet_once(market, outcome, stake, bet_id)
            except PlayerRefused as error:
                if error.code not in PASSING or time.monotonic() > until_s:
                    raise
                await asyncio.sleep(0.1 + random.random() * 0.2)

    async def say(self, text: str) -> None:
        """Speak in the room's chat."""
        await self._send(ChatSay(text=text))

    async def bet_once(self, market: int, outcome: int, stake: int, bet_id: str) -> BetAccepted:
        """Send one copy of a bet and wait for its answer. Raises PlayerRefused.

        `unavailable` says that this copy may count or not; TimeoutError that it was not sent.
        """
        message = BetPlace(bet_id=uuid.UUID(bet_id), market=market, outcome=outcome, stake=stake)
        await asyncio.wait_for(self._ready.wait(), PATIENCE_S)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[bet_id] = answer
        try:
            await self._send(message)
            return await asyncio.wait_for(answer, 3)
        except (TimeoutError, websockets.ConnectionClosed) as error:
            raise PlayerRefused("unavailable", "no answer yet") from error
        finally:
            self._waiting.pop(bet_id, None)

    async def _send(self, message: BettingMessage) -> None:
        if self._socket is None:
            raise PlayerRefused("unavailable", "not connected")
        await self._socket.send(encode(message))

    async def _live(self) -> None:
        while True:
            try:
                await self._one_connection()
            except (OSError, TimeoutError, websockets.InvalidHandshake):
                self.close_code = 1006
            except websockets.ConnectionClosed as closed:
                self.close_code = closed.rcvd.code if closed.rcvd else 1006
            self._ready.clear()
            self._fail_waiting()
            if self.close_code == 4401:
                await self.player.patiently("POST", "auth/refresh/")
            elif self.close_code not in COME_BACK:
                return
            self.reconnects += 1
            await asyncio.sleep(0.1 + random.random() * 0.4)

    async def _one_connection(self) -> None:
        parts = urlsplit(self.player.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.player.http.cookies.jar)
        async with websockets.connect(
            f"{scheme}://{parts.netloc}/ws/rooms/{self.code}/",
            origin=self.player.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies},
            ssl=self.player.trust if scheme == "wss" else None,
            compression=None,
            open_timeout=10,
            close_timeout=1,
            max_size=2**22,
            proxy=None,
        ) as self._socket:
            await self._send(Hello())
            async for text in self._socket:
                self.read(text)

    def read(self, text: str | bytes) -> None:
        """Take in a frame."""
        self._hear(_read_event(text))

    def _hear(self, event: BettingEvent) -> None:
        match event:
            case Welcome():
                self.welcome = event
                self.markets = {market.id: market for market in event.markets}
                self.positions = {held.market: held.outcome for held in event.mine}
                self.coins, self.seq, self.here = event.coins, event.seq, event.here
                self._ready.set()
            case BetAccepted():
                self._answer(event.bet_id, event)
                self.positions[event.market] = event.outcome
                self._purse(event.coins, event.seq)
            case BetRefused():
                self._answer(event.bet_id, PlayerRefused(event.code, event.message))
            case Error(re=str(bet_id)):
                self._answer(bet_id, PlayerRefused(event.code, event.message))
            case Pools():
                self._pools(event)
            case MarketChanged():
                self.markets[event.market.id] = event.market
            case WalletChanged():
                self._purse(event.coins, event.seq)
            case People():
                self.here = event.here
            case Notice():
                self.notices.append(event.code)

    def _purse(self, coins: int, seq: int) -> None:
        if seq >= self.seq:
            self.coins, self.seq = coins, seq

    def _pools(self, event: Pools) -> None:
        market = self.markets.get(event.market)
        if market and event.version > market.version:
            market.version = event.version
            outcomes = {outcome.id: outcome for outcome in market.outcomes}
            for figures in event.outcomes:
                outcome = outcomes[figures.id]
                outcome.coins, outcome.heads = figures.coins, figures.heads
                outcome.odds = figures.odds

    def _answer(self, bet_id: str, answer: BetAccepted | PlayerRefused) -> None:
        waiting = self._waiting.get(bet_id)
        if waiting is None or waiting.done():
            return
        if isinstance(answer, PlayerRefused):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)

    def _fail_waiting(self) -> None:
        for bet_id in list(self._waiting):
            self._answer(bet_id, PlayerRefused("unavailable", "the connection broke"))
