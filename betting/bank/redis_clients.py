"""The clients of the bank's servers: one of each server for threads, and one for each event loop.

For connections.py alone.
"""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable
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
    "max_connections": CONNECTIONS_MAX,
    "timeout": SOCKET_TIMEOUT_S,
}


class _Packing:
    """redis-py's asyncio connection packs in Python, hiredis ten times faster.

    The name of the command must hold no blank.
    """

    def pack_command(self, *args: Any) -> list[bytes]:
        return [hiredis.pack_command(args)]


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


def async_client_of(url: str, server: str) -> Any:
    """The running loop's client; connections belong to the loop that opened them."""
    loop = asyncio.get_running_loop()
    clients = _loop_clients.setdefault(loop, _Clients(_make_async))
    for gone in clients.drop_gone(url):
        closing = loop.create_task(gone.connection_pool.disconnect(inuse_connections=False))
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)
    return clients.of(url, server)


def _make(url: str, server: str) -> Any:
    # hiredis packs for it by itself.
    options = _options(url, server, redis.connection.parse_url)
    make: Any = redis.BlockingConnectionPool
    pool = make(**options, retry=Retry(NoBackoff(), 0))
    return redis.Redis(connection_pool=pool)


def _make_async(url: str, server: str) -> Any:
    options = _options(url, server, parse_url)
    plain = options.pop("connection_class", redis.asyncio.Connection)
    packing = type("BankConnection", (_Packing, plain), {})
    pool = redis.asyncio.BlockingConnectionPool(
        connection_class=packing, **options, retry=AsyncRetry(NoBackoff(), 0)
    )
    return redis.asyncio.Redis(connection_pool=pool)


_thread_clients = _Clients(_make)
_loop_clients: WeakKeyDictionary[AbstractEventLoop, _Clients] = WeakKeyDictionary()
# Tasks are kept here, or the loop might drop them half way.
_closing: set[asyncio.Task[None]] = set()


def _options(url: str, server: str, read: Any) -> dict[str, Any]:
    """How to reach a server: as the address says, password, user and TLS included."""
    options = {**_OPTIONS, **read(servers(url).address.urls[0])}
    if server != ALONE:
        host, _, port = server.rpartition(":")
        options |= {"host": host, "port": int(port)}
    return options
