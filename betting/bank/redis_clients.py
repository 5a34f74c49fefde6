"""The clients of the bank's servers: one of each server for threads, and one for each event loop.

For connections.py alone. A loop has one connection to a server. Calls of the same turn reach the
server together, which writes them to disk at once, and answers come in their order. Nothing is
sent twice: a call is told once that its connection ended, or that its time is over.
"""

import asyncio
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any
from weakref import WeakKeyDictionary

import hiredis
import redis
import redis.asyncio
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from betting.bank.routing import ALONE, servers

SOCKET_TIMEOUT_S = 1
CONNECTIONS_MAX = 16

_OPTIONS: dict[str, Any] = {
    "socket_timeout": SOCKET_TIMEOUT_S,
    "socket_connect_timeout": SOCKET_TIMEOUT_S,
    "decode_responses": True,
    # The bank holds text only, but its slow log may show any bytes that were sent.
    "encoding_errors": "replace",
    # Answers have one shape on every version of the client.
    "protocol": 2,
}
_POOL_OPTIONS = {"max_connections": CONNECTIONS_MAX, "timeout": SOCKET_TIMEOUT_S}


class Pipeline(asyncio.Protocol):
    """A connection that is open and greeted already; `read_error` makes an answer's exception.

    Once it is retired, or an answer overdue, it takes nothing more, and ends with what waits.
    """

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        read_error: Callable[[str], Exception],
        *,
        patience_s: float,
    ) -> None:
        self._is_retired = False
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        # The writer is kept, because it closes the transport when it is dropped.
        self._writer = writer
        self._answers = hiredis.Reader(replyError=read_error, encoding="utf-8", errors="replace")
        self._unsent: list[tuple[bytes, asyncio.Future[Any]]] = []
        # The moment until which each answer is waited for, oldest first.
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        writer.transport.set_protocol(self)

    @property
    def is_good(self) -> bool:
        """Whether it takes more commands."""
        return not self._is_retired and not self._writer.transport.is_closing()

    def send(self, command: tuple[Any, ...], *, is_asking: bool = False) -> asyncio.Future[Any]:
        """Send a command at the end of this turn; behind ASKING where its slot is on its way.

        The answer raises what the server answered, ConnectionError once the connection has ended,
        or TimeoutError; in the last two cases it is not known whether the command took effect.
        """
        if self._writer.transport.is_closing():
            raise ConnectionError("the connection has ended")
        if not self._unsent:
            self._loop.call_soon(self._flush)
        if is_asking:
            self._put(("ASKING",)).cancel()
        return self._put(command)

    def retire(self) -> None:
        """Take nothing more, and close once nothing that was taken waits; within its patience."""
        self._is_retired = True
        if self._timer is None:
            self._timer = self._loop.call_later(self._patience_s, self._end_overdue)

    def _put(self, command: tuple[Any, ...]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._unsent.append((hiredis.pack_command(command), answer))
        return answer

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        # The time runs from here on: until then our own loop may have stood still.
        until_s = self._loop.time() + self._patience_s
        self._waiting.extend((until_s, answer) for _packed, answer in unsent)
        if self._writer.transport.is_closing():
            self.connection_lost(None)
            return
        if self._timer is None:
            self._timer = self._loop.call_at(until_s, self._end_overdue)
        self._writer.transport.write(b"".join(packed for packed, _answer in unsent))

    def data_received(self, data: bytes) -> None:
        """Hand each answer to the oldest command without one."""
        try:
            self._answers.feed(data)
            while (answer := self._answers.gets()) is not False:
                self._answer(answer)
        except (hiredis.HiredisError, IndexError):
            # No answer to anything of ours: nothing behind it can be told apart.
            self._writer.transport.abort()

    def _answer(self, answer: Any) -> None:
        _until_s, asked = self._waiting.popleft()
        if asked.done():
            return
        if isinstance(answer, Exception):
            asked.set_exception(answer)
        else:
            asked.set_result(answer)

    def _end_overdue(self) -> None:
        now_s, self._timer = self._loop.time(), None
        for until_s, asked in self._waiting:
            if until_s > now_s:
                self._timer = self._loop.call_at(until_s, self._end_overdue)
                return
            self._is_retired = True
            if not asked.done():
                asked.set_exception(TimeoutError("no answer in time"))
        if self._is_retired:
            self._writer.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all that wait that their answers are lost."""
        if self._timer:
            self._timer.cancel()
        for _until_s, asked in self._waiting:
            if not asked.done():
                asked.set_exception(ConnectionError(f"the connection ended: {exc}"))
        self._waiting.clear()


class LoopClient:
    """The connection of an event loop to a server, opened once for all calls."""

    def __init__(self, url: str, server: str) -> None:
        self._url, self._server = url, server
        self._opening: asyncio.Task[Pipeline] | None = None

    async def ask(self, words: tuple[Any, ...], *, is_asking: bool = False) -> Any:
        """Send one command; raises as `Pipeline.send` tells, and as redis-py when it connects."""
        answer = await (await self._pipeline()).send(words, is_asking=is_asking)
        # As redis-py shapes the answers of a thread.
        shape = client_of(self._url, self._server).response_callbacks.get(words[0])
        return shape(answer) if shape else answer

    async def _pipeline(self) -> Pipeline:
        if self._opening is None or (self._opening.done() and not _is_good(self._opening)):
            opening = _open(self._url, self._server)
            self._opening = asyncio.get_running_loop().create_task(opening, context=Context())
        if self._opening.done():
            return self._opening.result()
        # A caller that gives up does not end the opening for the others.
        return await asyncio.shield(self._opening)

    def retire(self) -> None:
        """Close the connection, also one that is being opened; what is under way ends by itself."""
        if self._opening:
            self._opening.add_done_callback(_retire)


def _retire(opening: asyncio.Task[Pipeline]) -> None:
    if _is_good(opening):
        opening.result().retire()


def _is_good(opening: asyncio.Task[Pipeline]) -> bool:
    is_open = not opening.cancelled() and opening.exception() is None
    return is_open and opening.result().is_good


async def _open(url: str, server: str) -> Pipeline:
    """Connect as redis-py does, password and TLS included, then take its connection over."""
    options = _options(url, server, parse_url)
    kind = options.pop("connection_class", redis.asyncio.Connection)
    for of_pools in _POOL_OPTIONS:
        options.pop(of_pools, None)
    connection = kind(**options, retry=AsyncRetry(NoBackoff(), 0))
    await connection.connect()
    # These are private to redis-py, whose version the requirements pin.
    writer, connection._writer, connection._reader = connection._writer, None, None
    read_error = redis.asyncio.connection.DefaultParser.parse_error
    return Pipeline(writer, read_error, patience_s=options["socket_timeout"])


class _Clients:
    """Clients by address and server, of all threads or of one event loop."""

    def __init__(self, make: Callable[[str, str], Any]) -> None:
        self._make = make
        self._made: dict[tuple[str, str], Any] = {}
        self._readings: dict[str, int] = {}

    def of(self, url: str, server: str) -> Any:
        """The client of a server, made when it is first asked for."""
        client = self._made.get((url, server))
        if client is None:
            # Of two threads that come first at once, one finds the other's.
            client = self._made.setdefault((url, server), self._make(url, server))
        return client

    def drop_gone(self, url: str) -> list[Any]:
        """Forget the clients of servers that are no primaries any more, and return them."""
        found = servers(url)
        if self._readings.get(url) == found.readings:
            return []
        self._readings[url], known = found.readings, found.known()
        gone = [key for key in list(self._made) if key[0] == url and key[1] not in known]
        return [client for key in gone if (client := self._made.pop(key, None))]


def client_of(url: str, server: str) -> Any:
    """The client of the threads for one server."""
    for gone in _thread_clients.drop_gone(url):
        # What is under way ends by itself.
        gone.connection_pool.disconnect(inuse_connections=False)
    return _thread_clients.of(url, server)


def loop_client_of(url: str, server: str) -> LoopClient:
    """The running loop's client; connections belong to the loop that opened them."""
    loop = asyncio.get_running_loop()
    if (clients := _loop_clients.get(loop)) is None:
        # A loop that has ended is held by its own connections.
        for ended in [each for each in list(_loop_clients) if each.is_closed()]:
            _loop_clients.pop(ended, None)
        clients = _loop_clients.setdefault(loop, _Clients(LoopClient))
    for gone in clients.drop_gone(url):
        gone.retire()
    client: LoopClient = clients.of(url, server)
    return client


def _make(url: str, server: str) -> Any:
    # hiredis packs for it by itself.
    options = _options(url, server, redis.connection.parse_url)
    make: Any = redis.BlockingConnectionPool
    pool = make(**{**_POOL_OPTIONS, **options}, retry=Retry(NoBackoff(), 0))
    return redis.Redis(connection_pool=pool)


_thread_clients = _Clients(_make)
_loop_clients: WeakKeyDictionary[AbstractEventLoop, _Clients] = WeakKeyDictionary()


def _options(url: str, server: str, read: Any) -> dict[str, Any]:
    """How to reach a server: as the address says, password, user and TLS included."""
    options = {**_OPTIONS, **read(servers(url).address.urls[0])}
    if server != ALONE:
        host, _, port = server.rpartition(":")
        options |= {"host": host, "port": int(port)}
    return options
