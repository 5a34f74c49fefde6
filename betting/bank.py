"""The bank: the only door to the Redis instance that decides about coins.

One table of calls (calls.py), two thin clients: `run` for threads and commands, `arun` for the
running event loop. Nothing is retried here: a lost reply means "not known", and asking again
with the same ids is safe, always.
"""

import asyncio
import functools
import time
from asyncio import AbstractEventLoop
from typing import Any, NoReturn, TypeVar
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

from betting.answers import read_entry
from betting.calls import (
    BETS_PER_CALL_MAX,
    ITEMS_PER_CALL_MAX,
    LIBRARY,
    Call,
    Keys,
    burn,
    decide,
    forget,
    freeze,
    grant,
    lock,
    look,
    open_market,
    pay,
    place_bets,
    start_epoch,
)
from betting.figures import (
    Accepted,
    Batch,
    Bet,
    Chunk,
    Denied,
    Entry,
    Head,
    Look,
    Marked,
    MarketState,
    Moved,
    Paid,
    PayItem,
)

__all__ = [
    "BETS_PER_CALL_MAX", "ITEMS_PER_CALL_MAX", "LIBRARY", "Accepted", "BankAway", "BankFull",
    "Batch", "Bet", "Call", "Chunk", "Denied", "Entry", "Head", "Keys", "Look",
    "MarketState", "Marked", "Moved", "Paid", "PayItem", "arun", "burn", "command", "decide",
    "each_primary", "find_head", "forget", "freeze",
    "grant", "head", "journal", "lock", "look", "now_ms", "open_market", "pay", "place_bets",
    "put", "run", "start_epoch", "trim", "wipe",
]  # fmt: skip

SOCKET_TIMEOUT_S = 1
CONNECTIONS_MAX = 16
OFFSET_LASTS_S = 10

T = TypeVar("T")


class BankAway(Exception):
    """No answer, or none that may be trusted: it is not known whether the call took effect."""


class BankFull(Exception):
    """The call was refused whole for want of memory (or while its slot moves): nothing changed."""


class BankBroken(BankAway):
    """The bank answered with an error that should not exist; it is to be logged and looked at."""


def run(call: Call[T]) -> T:
    """Send a call from a thread or command. Raises BankAway or BankFull."""
    asked_ms = _local_ms()
    client = _client(settings.REDIS_BANK_URL)
    try:
        reply = client.execute_command(*_words(call), **_straight(client, call))
    except _ERRORS as error:
        _translate(error)
    return _read(call, reply, asked_ms)


async def arun(call: Call[T]) -> T:
    """Send a call from the running event loop. Raises BankAway or BankFull."""
    asked_ms = _local_ms()
    try:
        client = await _async_client(settings.REDIS_BANK_URL)
        reply = await client.execute_command(*_words(call), **_straight(client, call))
    except _ERRORS as error:
        _translate(error)
    return _read(call, reply, asked_ms)


def find_head(club_id: int) -> Head | None:
    """A club's head, or None when the bank does not know the club."""
    names = (
        "epoch",
        "seq",
        "chain",
        "at_ms",
        "issued",
        "burned",
        "in_wallets",
        "in_pools",
        "house",
    )
    held = command("HMGET", Keys(club_id).head, *names)
    if held[0] is None:
        return None
    figures = dict(zip(names, held, strict=True))
    chain = figures.pop("chain")
    return Head(chain=chain, **{name: int(figure) for name, figure in figures.items()})


def head(club_id: int) -> Head:
    """A club's head. Raises BankAway when the bank does not know the club (yet)."""
    found = find_head(club_id)
    if found is None:
        raise BankAway(f"club {club_id} has not begun")
    return found


def journal(club_id: int, after_epoch: int, after_seq: int, count: int = 1000) -> list[Entry]:
    """Up to `count` entries after `<after_epoch>-<after_seq>`, oldest first."""
    after = f"({after_epoch}-{after_seq}"
    rows = command("XRANGE", Keys(club_id).journal, after, "+", "COUNT", count)
    return [read_entry(entry_id, fields) for entry_id, fields in rows]


def trim(club_id: int, epoch: int, seq: int) -> int:
    """Drop the entries up to and including `<epoch>-<seq>`; returns how many."""
    return int(command("XTRIM", Keys(club_id).journal, "MINID", f"{epoch}-{seq + 1}"))


def put(key: str, values: dict[str, str]) -> None:
    """Write fields of a hash while a club's bank is rebuilt; never beside a head."""
    command("HSET", key, *(word for pair in values.items() for word in pair))


def wipe(club_id: int) -> None:
    """Remove everything of a club, so that its bank can be rebuilt. The head goes first."""
    keys = Keys(club_id)
    command("UNLINK", keys.head)
    client = _client(settings.REDIS_BANK_URL)
    try:
        for key in client.scan_iter(f"{keys.tag}:*", count=1000):
            client.unlink(key)
    except _ERRORS as error:
        _translate(error)


def command(*words: Any) -> Any:
    """Send one plain command with a key from a thread. Raises BankAway or BankFull."""
    try:
        return _client(settings.REDIS_BANK_URL).execute_command(*words)
    except _ERRORS as error:
        _translate(error)


def each_primary(*words: Any) -> list[Any]:
    """Send a command without keys to every primary (one, unless the bank is a Cluster)."""
    client = _client(settings.REDIS_BANK_URL)
    try:
        if isinstance(client, redis.RedisCluster):
            nodes = client.get_primaries()
            return [client.execute_command(*words, target_nodes=node) for node in nodes]
        return [client.execute_command(*words)]
    except _ERRORS as error:
        _translate(error)


def now_ms() -> int:
    """The bank's time: the local clock plus the offset that its answers showed.

    Asks at most every 10 s, and never inside an event loop: there the answers to calls
    refresh the offset by themselves.
    """
    if _clock.is_old() and not _is_in_loop():
        asked_ms = _local_ms()
        _clock.measured_at_s = time.monotonic()
        try:
            seconds, micros = each_primary("TIME")[0]
        except BankAway:
            return asked_ms + _clock.offset_ms
        _clock.note(int(seconds) * 1000 + int(micros) // 1000, asked_ms)
    return _local_ms() + _clock.offset_ms


class _Clock:
    """How far the bank's clock is ahead of ours."""

    offset_ms = 0
    measured_at_s = -1e9

    def is_old(self) -> bool:
        return time.monotonic() - self.measured_at_s > OFFSET_LASTS_S

    def note(self, bank_ms: int, asked_ms: int) -> None:
        self.offset_ms = bank_ms - (asked_ms + _local_ms()) // 2
        self.measured_at_s = time.monotonic()


_clock = _Clock()


def _local_ms() -> int:
    return time.time_ns() // 1_000_000


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Packing:
    """redis-py's asyncio connection packs in Python, at 1 µs an argument; hiredis is ten times
    faster. The name of the command must hold no blank."""

    def pack_command(self, *args: Any) -> list[bytes]:
        return [hiredis.pack_command(args)]


_OPTIONS: dict[str, Any] = {
    "socket_timeout": SOCKET_TIMEOUT_S,
    "socket_connect_timeout": SOCKET_TIMEOUT_S,
    "decode_responses": True,
    # Answers have one shape on every version of the client.
    "protocol": 2,
}
_POOL: dict[str, Any] = {"max_connections": CONNECTIONS_MAX, "timeout": SOCKET_TIMEOUT_S}
_Async = redis.asyncio.Redis | redis.asyncio.RedisCluster
_async_clients: WeakKeyDictionary[AbstractEventLoop, dict[str, _Async]] = WeakKeyDictionary()


@functools.cache
def _client(url: str) -> Any:
    """The client of the threads. Redis and RedisCluster share no type that knows both."""
    options = {**_OPTIONS, "retry": Retry(NoBackoff(), 0)}
    if _is_cluster(url):
        return redis.RedisCluster.from_url(_without_mark(url), **options)
    pool = redis.BlockingConnectionPool.from_url(url, **options, **_POOL)
    return redis.Redis(connection_pool=pool)


async def _async_client(url: str) -> _Async:
    """The running loop's client; connections belong to the loop that opened them."""
    clients = _async_clients.setdefault(asyncio.get_running_loop(), {})
    if url not in clients:
        clients[url] = _new_async_client(url)
    return await clients[url].initialize()


def _new_async_client(url: str) -> _Async:
    options = {**_OPTIONS, "retry": AsyncRetry(NoBackoff(), 0)}
    if _is_cluster(url):
        return redis.asyncio.RedisCluster.from_url(_without_mark(url), **options)
    parts: dict[str, Any] = dict(parse_url(url))
    plain = parts.pop("connection_class", redis.asyncio.Connection)
    packing = type("BankConnection", (_Packing, plain), {})
    pool = redis.asyncio.BlockingConnectionPool(
        connection_class=packing, **options, **_POOL, **parts
    )
    return redis.asyncio.Redis(connection_pool=pool)


def _is_cluster(url: str) -> bool:
    return url.endswith("?cluster=1")


def _without_mark(url: str) -> str:
    return url.removesuffix("?cluster=1")


def _words(call: Call[Any]) -> tuple[str | int, ...]:
    name = "FCALL" if call.write else "FCALL_RO"
    return (name, call.function, len(call.keys), *call.keys, *call.args)


def _straight(client: Any, call: Call[Any]) -> dict[str, Any]:
    """In a Cluster a call goes to the node of its slot at once.

    RedisCluster.fcall asks the server for the keys first, and asks a node that may be dead.
    """
    if isinstance(client, (redis.RedisCluster, redis.asyncio.RedisCluster)):
        return {"target_nodes": client.get_node_from_key(call.keys[0])}
    return {}


def _read(call: Call[T], reply: Any, asked_ms: int) -> T:
    if reply[0] == "unavailable":
        raise BankAway("the gate is shut, or the club has not begun")
    if _clock.is_old():
        _clock.note(int(reply[1]), asked_ms)
    return call.read(reply)


_ERRORS = (exceptions.RedisError, exceptions.RedisClusterException, OSError)
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.ClusterError,
    exceptions.RedisClusterException,
    OSError,
)
# Answers of a server that is up and cannot decide now: no library yet, or a script that hangs.
_NOT_NOW = ("Function not found", "BUSY ")


def _translate(error: Exception) -> NoReturn:
    if isinstance(error, (exceptions.OutOfMemoryError, exceptions.TryAgainError)):
        raise BankFull(str(error)) from error
    if isinstance(error, _AWAY) or str(error).startswith(_NOT_NOW):
        raise BankAway(str(error)) from error
    raise BankBroken(str(error)) from error
