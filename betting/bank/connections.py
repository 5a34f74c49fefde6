"""The connections to the bank: one client for threads, one for each event loop, and their errors.

For this package alone. Nothing is retried: a lost reply means "not known".
"""

import asyncio
import functools
import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

import hiredis
import redis
import redis.asyncio
from django.conf import settings
from redis import exceptions
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

SOCKET_TIMEOUT_S = 1
CONNECTIONS_MAX = 16
# Appended to REDIS_BANK_URL when the bank is a Cluster.
CLUSTER_MARK = "?cluster=1"

_OPTIONS: dict[str, Any] = {
    "socket_timeout": SOCKET_TIMEOUT_S,
    "socket_connect_timeout": SOCKET_TIMEOUT_S,
    "decode_responses": True,
    # The bank holds text only, but its slow log may show any bytes that were sent.
    "encoding_errors": "replace",
    # Answers have one shape on every version of the client.
    "protocol": 2,
}
_POOL: dict[str, Any] = {"max_connections": CONNECTIONS_MAX, "timeout": SOCKET_TIMEOUT_S}


class BankAway(Exception):
    """No answer, or none that may be trusted: it is not known whether the call took effect."""


class BankFull(Exception):
    """The call was refused whole for want of memory (or while its slot moves): nothing changed."""


class LibraryMissing(BankAway):
    """The bank answers and has no such function: its library is not loaded, or an earlier one."""


class BankBroken(BankAway):
    """The bank answered with an error that should not exist; it is logged."""


def send(words: tuple[Any, ...], key: str) -> Any:
    """Send a command about `key` from a thread. Raises BankAway or BankFull."""
    try:
        client = _client(settings.REDIS_BANK_URL)
        return client.execute_command(*words, **_straight(client, key))
    except _ERRORS as error:
        _translate(error)


async def asend(words: tuple[Any, ...], key: str) -> Any:
    """Send a command about `key` from the running event loop. Raises BankAway or BankFull."""
    try:
        client = await _async_client(settings.REDIS_BANK_URL)
        return await client.execute_command(*words, **_straight(client, key))
    except _ERRORS as error:
        _translate(error)


def each_primary(*words: Any) -> list[Any]:
    """Send a command without keys to every primary (one, unless the bank is a Cluster)."""
    try:
        client = _client(settings.REDIS_BANK_URL)
        if settings.REDIS_BANK_URL.endswith(CLUSTER_MARK):
            nodes = client.get_primaries()
            return [client.execute_command(*words, target_nodes=node) for node in nodes]
        return [client.execute_command(*words)]
    except _ERRORS as error:
        _translate(error)


def primaries() -> list[Callable[[Sequence[tuple[Any, ...]]], list[Any]]]:
    """For operators: one function for each primary, which sends it commands in one go.

    A refused command has its error in the place of its answer. The functions raise BankAway.
    """
    try:
        client = _client(settings.REDIS_BANK_URL)
        if settings.REDIS_BANK_URL.endswith(CLUSTER_MARK):
            nodes = [client.get_redis_connection(node) for node in client.get_primaries()]
            return [functools.partial(_send_all, node) for node in nodes]
        return [functools.partial(_send_all, client)]
    except _ERRORS as error:
        _translate(error)


def _send_all(client: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    try:
        with client.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            return list(pipe.execute(raise_on_error=False))
    except _ERRORS as error:
        _translate(error)


async def aeach_primary(*words: Any) -> list[Any]:
    """As each_primary, from the running event loop."""
    try:
        client = await _async_client(settings.REDIS_BANK_URL)
        if settings.REDIS_BANK_URL.endswith(CLUSTER_MARK):
            nodes = client.get_primaries()
            return [await client.execute_command(*words, target_nodes=node) for node in nodes]
        return [await client.execute_command(*words)]
    except _ERRORS as error:
        _translate(error)


def find_keys(pattern: str, key: str) -> list[str]:
    """All keys like `pattern` on the primary of `key`; for operators, it walks everything."""
    try:
        client = _client(settings.REDIS_BANK_URL)
        return list(client.scan_iter(pattern, count=1000, **_straight(client, key)))
    except _ERRORS as error:
        _translate(error)


class _Packing:
    """redis-py's asyncio connection packs in Python, hiredis ten times faster.

    The name of the command must hold no blank.
    """

    def pack_command(self, *args: Any) -> list[bytes]:
        return [hiredis.pack_command(args)]


_Async = redis.asyncio.Redis | redis.asyncio.RedisCluster
_async_clients: WeakKeyDictionary[AbstractEventLoop, dict[str, _Async]] = WeakKeyDictionary()


@functools.cache
def _client(url: str) -> Any:
    """The client of the threads. Redis and RedisCluster share no type that knows both."""
    options = {**_OPTIONS, "retry": Retry(NoBackoff(), 0)}
    if url.endswith(CLUSTER_MARK):
        return redis.RedisCluster.from_url(url.removesuffix(CLUSTER_MARK), **options)
    pool = redis.BlockingConnectionPool.from_url(url, **options, **_POOL)
    return redis.Redis(connection_pool=pool)


async def _async_client(url: str) -> Any:
    """The running loop's client; connections belong to the loop that opened them."""
    clients = _async_clients.setdefault(asyncio.get_running_loop(), {})
    if url not in clients:
        clients[url] = _new_async_client(url)
    return await clients[url].initialize()


def _new_async_client(url: str) -> _Async:
    options = {**_OPTIONS, "retry": AsyncRetry(NoBackoff(), 0)}
    if url.endswith(CLUSTER_MARK):
        return redis.asyncio.RedisCluster.from_url(url.removesuffix(CLUSTER_MARK), **options)
    parts: dict[str, Any] = dict(parse_url(url))
    plain = parts.pop("connection_class", redis.asyncio.Connection)
    packing = type("BankConnection", (_Packing, plain), {})
    pool = redis.asyncio.BlockingConnectionPool(
        connection_class=packing, **options, **_POOL, **parts
    )
    return redis.asyncio.Redis(connection_pool=pool)


def _straight(client: Any, key: str) -> dict[str, Any]:
    """In a Cluster a call goes to the node of its slot at once.

    RedisCluster.fcall asks the server for the keys first, and asks a node that may be dead.
    """
    if isinstance(client, redis.RedisCluster | redis.asyncio.RedisCluster):
        return {"target_nodes": client.get_node_from_key(key)}
    return {}


_ERRORS = (exceptions.RedisError, exceptions.RedisClusterException, OSError)
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.ClusterError,
    exceptions.RedisClusterException,
    OSError,
)
# What a server answers while a script hangs: it is up and cannot decide now.
_NOT_NOW = ("BUSY ",)


def _translate(error: Exception) -> NoReturn:
    if isinstance(error, exceptions.OutOfMemoryError | exceptions.TryAgainError):
        raise BankFull(str(error)) from error
    if str(error).startswith("Function not found"):
        raise LibraryMissing(str(error)) from error
    if isinstance(error, _AWAY) or str(error).startswith(_NOT_NOW):
        raise BankAway(str(error)) from error
    log.error("The bank answered with an error that should not exist: %s", error)
    raise BankBroken(str(error)) from error
