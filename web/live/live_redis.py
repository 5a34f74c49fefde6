"""The clients of the live Redis: one for threads, one for each event loop, and their errors.

Only this module knows how the instance is reached. The modules that keep something there spell
their own keys: web/limits.py, rooms/live.py, locations/live. Nothing is sent twice: a lost reply
means "not known".
"""

import asyncio
import functools
import logging
import time
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis import exceptions, sentinel
from redis.asyncio import sentinel as async_sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE
from redis.retry import Retry

from web.live.live_address import read_live_address

TIMEOUT_S = 1.0
# More than this at once wait for their turn instead of being turned away.
CONNECTIONS_MAX = 32
REST_S = 1.0

# The driver keeps TCP connections alive by itself: what a network forgot is found within 45 s.
_OPTIONS: dict[str, Any] = {
    "decode_responses": True,
    # Positions are packed bytes; the slow log, which operators read here, may hold some.
    "encoding_errors": "replace",
    "socket_timeout": TIMEOUT_S,
    "socket_connect_timeout": TIMEOUT_S,
    "max_connections": CONNECTIONS_MAX,
    "timeout": TIMEOUT_S,
}
_NO_TURN = "No connection available."

Command = tuple[Any, ...]

_log = logging.getLogger(__name__)
_rests_until_s: dict[str, float] = {}
_loop_clients: WeakKeyDictionary[AbstractEventLoop, dict[str, Any]] = WeakKeyDictionary()


class LiveAway(Exception):
    """The live instance does not answer, or not as it should: what was asked is not known."""


class LiveFull(LiveAway):
    """The live instance has no memory left: nothing was written."""


def ask(commands: Sequence[Command], *, raw: bool = False, atomic: bool = False) -> list[Any]:
    """Send commands in one round trip, from a thread; returns one answer for each.

    Strings come as text, `raw` as bytes. Raises LiveAway, for the second after a failure at once.
    """
    with _line() as client, client.pipeline(transaction=atomic) as pipe:
        return list(_filled(pipe, commands, raw).execute())


def send(commands: Sequence[Command]) -> list[Any]:
    """Send commands for operators, as `ask`; an error stands in the place of its answer."""
    with _line() as client, client.pipeline(transaction=False) as pipe:
        return list(_filled(pipe, commands).execute(raise_on_error=False))


async def aask(commands: Sequence[Command], *, raw: bool = False) -> list[Any]:
    """Send commands in one round trip, from the running event loop; as `ask`."""
    async with _loop_line() as client, client.pipeline(transaction=False) as pipe:
        return list(await _filled(pipe, commands, raw).execute())


def _filled(pipe: Any, commands: Sequence[Command], raw: bool = False) -> Any:
    options = {NEVER_DECODE: True} if raw else {}
    for command in commands:
        pipe.execute_command(*command, **options)
    return pipe


def fcall(library: Path, function: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """Call a function from a thread and load its library when it is missing.

    Strings come as bytes. Raises LiveAway, for the second after a failure at once.
    """
    words = ("FCALL", function, len(keys), *keys, *args)
    with _line() as client:
        try:
            return client.execute_command(*words, **{NEVER_DECODE: True})
        except exceptions.ResponseError as error:
            client.execute_command(*_loading(library, error))
            return client.execute_command(*words, **{NEVER_DECODE: True})


async def afcall(library: Path, function: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """Call a function from the running event loop; as `fcall`."""
    words = ("FCALL", function, len(keys), *keys, *args)
    async with _loop_line() as client:
        try:
            return await client.execute_command(*words, **{NEVER_DECODE: True})
        except exceptions.ResponseError as error:
            await client.execute_command(*_loading(library, error))
            return await client.execute_command(*words, **{NEVER_DECODE: True})


def _loading(library: Path, error: exceptions.ResponseError) -> Command:
    """What loads a library that is missing; every other error goes on its way."""
    if "function not found" not in str(error).lower():
        raise error
    return ("FUNCTION", "LOAD", "REPLACE", library.read_text())


def fullness() -> float:
    """The part of its memory in use, 0 where it has no limit. Raises LiveAway."""
    [memory] = ask([("INFO", "memory")])
    return float(memory["used_memory"]) / (memory["maxmemory"] or float("inf"))


@contextmanager
def _line() -> Iterator[Any]:
    """The client of threads; what fails is LiveAway."""
    client = _client(_url())
    try:
        yield client
    except exceptions.ResponseError as error:
        raise _refusal(error) from error
    except (exceptions.RedisError, OSError) as error:
        _rest(error)
        client.connection_pool.disconnect(inuse_connections=False)
        raise LiveAway(str(error)) from error


@asynccontextmanager
async def _loop_line() -> AsyncIterator[Any]:
    """The client of the running event loop; what fails is LiveAway."""
    client = _loop_client(_url())
    try:
        yield client
    except exceptions.ResponseError as error:
        raise _refusal(error) from error
    except (exceptions.RedisError, OSError) as error:
        _rest(error)
        await client.connection_pool.disconnect(inuse_connections=False)
        raise LiveAway(str(error)) from error


def _url() -> str:
    url: str = settings.REDIS_LIVE_URL
    if time.monotonic() < _rests_until_s.get(url, 0.0):
        raise LiveAway
    return url


def _refusal(error: exceptions.ResponseError) -> LiveAway:
    is_full = isinstance(error, exceptions.OutOfMemoryError)
    return LiveFull(str(error)) if is_full else LiveAway(str(error))


def _rest(error: Exception) -> None:
    """Let nobody wait for the instance for a second, so that a dead one costs few a time-out.

    Connections that are idle then are closed by the caller: nobody finds out one by one that all
    of them are dead.
    """
    if str(error) == _NO_TURN:
        return
    now_s, url = time.monotonic(), settings.REDIS_LIVE_URL
    if now_s > _rests_until_s.get(url, 0.0) + REST_S:
        _log.warning("The live instance is away: %s", error)
    _rests_until_s[url] = now_s + REST_S


class _SentinelPool(sentinel.SentinelConnectionPool, redis.BlockingConnectionPool):
    """Connections to the primary that the Sentinels name; waits for its turn as the other."""


class _LoopSentinelPool(
    async_sentinel.SentinelConnectionPool, redis.asyncio.BlockingConnectionPool
):
    """Connections of an event loop to that primary; waits for its turn, too."""


@functools.cache
def _client(url: str) -> Any:
    address, options = read_live_address(url), {**_OPTIONS, "retry": Retry(NoBackoff(), 0)}
    if not address.name:
        return redis.Redis(connection_pool=redis.BlockingConnectionPool.from_url(url, **options))
    # The driver's Sentinel has no types.
    sentinels, pool = cast("Any", sentinel.Sentinel), cast("Any", _SentinelPool)
    asked = sentinels(address.sentinels, sentinel_kwargs=address.thread_sentinel_options)
    return redis.Redis(connection_pool=pool(address.name, asked, **options, **address.options))


def _loop_client(url: str) -> Any:
    clients = _loop_clients.setdefault(asyncio.get_running_loop(), {})
    if url not in clients:
        clients[url] = redis.asyncio.Redis(connection_pool=_loop_pool(url))
    return clients[url]


def _loop_pool(url: str) -> Any:
    address, options = read_live_address(url), {**_OPTIONS, "retry": AsyncRetry(NoBackoff(), 0)}
    if not address.name:
        return redis.asyncio.BlockingConnectionPool.from_url(url, **options)
    sentinels, pool = cast("Any", async_sentinel.Sentinel), cast("Any", _LoopSentinelPool)
    asked = sentinels(address.sentinels, sentinel_kwargs=address.loop_sentinel_options)
    return pool(address.name, asked, **options, **address.options)
