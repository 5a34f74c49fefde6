"""The client for positions in the live Redis.

The only module of locations that talks to Redis; calls.py says what it asks. What is here may
be lost: it comes back with the next fix of each phone.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from locations.fixes.fix import Fix
from locations.fixes.plausibility import LIVE_FOR_MS, State
from locations.live import calls
from locations.live.calls import (  # fmt: skip
    COUNTS,
    ERASED,
    GEO,
    NEAR_MAX,
    NOTHING,
    QUEUE,
    SEEN,
    Call,
    Known,
    Nearby,
    count,
    read_fix,
    state_key,
    unpack,
)
from web.refusals import Refused

LIBRARY = Path(__file__).with_name("locations.lua")
STATES_KNOWN_MAX = 20_000
REAP_MOST = 500
# Far longer than a flush takes.
ERASED_FOR_MS = 3_600_000
TIMEOUT_S = 1.0
CONNECTIONS_MAX = 32

T = TypeVar("T")


def now_ms() -> int:
    """This machine's clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


# --- Running calls


def _options(retry: type) -> dict[str, Any]:
    # A call that may have been heard is never sent again by the driver: the state decides.
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": retry(NoBackoff(), 0),
        # More than this at once wait for their turn instead of being turned away.
        "max_connections": CONNECTIONS_MAX,
        "timeout": TIMEOUT_S,
    }


# The driver's types allow for answers that this client is not set up to give.
_threads_client: Any = None
_loop_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = (
    WeakKeyDictionary()
)


def client() -> Any:
    """The client of threads and commands."""
    global _threads_client
    if _threads_client is None:
        pool = redis.BlockingConnectionPool.from_url(settings.REDIS_LIVE_URL, **_options(Retry))
        _threads_client = redis.Redis(connection_pool=pool)
    return _threads_client


def loop_client() -> redis.asyncio.Redis:
    """The client of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _loop_clients:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            settings.REDIS_LIVE_URL, **_options(redis.asyncio.retry.Retry)
        )
        _loop_clients[loop] = redis.asyncio.Redis(connection_pool=pool)
    return _loop_clients[loop]


def run(call: Call[T]) -> T:
    """Make a call from a thread; Refused `unavailable` when the engine is away."""
    with _away_is_refused():
        try:
            return call.read(client().fcall(call.function, len(call.keys), *call.keys, *call.args))
        except redis.ResponseError as error:
            _expect_missing(error)
            client().function_load(LIBRARY.read_text(), replace=True)
            return call.read(client().fcall(call.function, len(call.keys), *call.keys, *call.args))


async def arun(call: Call[T]) -> T:
    """The same in a loop."""
    link = loop_client()
    with _away_is_refused():
        try:
            return call.read(
                await link.fcall(call.function, len(call.keys), *call.keys, *call.args)
            )
        except redis.ResponseError as error:
            _expect_missing(error)
            await link.function_load(LIBRARY.read_text(), replace=True)
            return call.read(
                await link.fcall(call.function, len(call.keys), *call.keys, *call.args)
            )


@contextmanager
def _away_is_refused() -> Iterator[None]:
    """An engine that is away or full is refused in our words."""
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise _refusal(error) from error


def _expect_missing(error: redis.ResponseError) -> None:
    """Only a library that is not loaded is put right; every other answer goes on its way."""
    if "Function not found" not in str(error):
        raise error


def _refusal(error: Exception) -> Refused:
    is_full = isinstance(error, redis.exceptions.OutOfMemoryError)
    return Refused("busy" if is_full else "unavailable", retry_after_s=5)


# --- What this process remembers


class States:
    """The states that this process wrote or met last, so that most reports need one call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._lock = Lock()

    def get(self, user_id: int) -> Known:
        return self._known.get(user_id, NOTHING)

    def put(self, user_id: int, known: Known) -> None:
        with self._lock:
            self._known[user_id] = known
            self._known.move_to_end(user_id)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def drop(self, user_id: int) -> None:
        with self._lock:
            self._known.pop(user_id, None)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


states = States(STATES_KNOWN_MAX)


# --- Reading


def known(user_id: int) -> Known:
    """What is known of a user now."""
    with _away_is_refused():
        return unpack(client().get(state_key(user_id)))


def tally(reasons: Sequence[str]) -> None:
    """Count from a thread; what cannot be counted because live is away goes uncounted."""
    try:
        run(count(reasons))
    except Refused:
        return


async def atally(reasons: Sequence[str]) -> None:
    """The same in a loop."""
    try:
        await arun(count(reasons))
    except Refused:
        return


def many(user_ids: Sequence[int]) -> list[State]:
    """What is known of these users now, in their order; nothing while live is away."""
    if not user_ids:
        return []
    try:
        kept = client().mget([state_key(user_id) for user_id in user_ids])
    except redis.RedisError:
        return [State()] * len(user_ids)
    return [unpack(each).state for each in kept]


def near(lat: float, lon: float, radius_m: float, *, most: int = NEAR_MAX) -> Nearby:
    """Who is within a radius now, 1,000 at most; one call. Refused `unavailable`.

    Nobody who was last seen more than 90 seconds ago, whether or not the reaper came by.
    """
    return run(calls.near(lat, lon, radius_m, most=most, since_ms=now_ms() - LIVE_FOR_MS))


def count_present() -> int:
    """How many were seen in the last 90 seconds anywhere."""
    with _away_is_refused():
        return int(client().zcount(SEEN, now_ms() - LIVE_FOR_MS, "+inf"))


def unmap(user_id: int) -> None:
    """Take a user off the map until the next fix."""
    with _away_is_refused():
        client().zrem(GEO, user_id)
        client().zrem(SEEN, user_id)


def erase(user_id: int) -> int:
    """Forget a user, also what waits for SQL; answers how many fixes waited.

    Who flushes at this moment finds out from ERASED.
    """
    link = client()
    with _away_is_refused():
        pipe = link.pipeline(transaction=True)
        pipe.zadd(ERASED, {str(user_id): now_ms()})
        pipe.zremrangebyscore(ERASED, "-inf", now_ms() - ERASED_FOR_MS)
        pipe.delete(state_key(user_id))
        pipe.zrem(GEO, user_id)
        pipe.zrem(SEEN, user_id)
        pipe.execute()
        states.drop(user_id)
        mine = [entry for entry, fields in link.xrange(QUEUE) if int(fields[b"u"]) == user_id]
        for start in range(0, len(mine), REAP_MOST):
            link.xdel(QUEUE, *mine[start : start + REAP_MOST])
    return len(mine)


def forget_older(user_ids: Sequence[int], before_ms: int) -> None:
    """Forget the states of these users whose newest fix is of before a time."""
    pairs = zip(user_ids, many(user_ids), strict=True)
    old = [user_id for user_id, state in pairs if state.last and state.last.fix_ms < before_ms]
    with _away_is_refused():
        if old:
            client().delete(*map(state_key, old))


def waiting_count() -> int:
    """How many fixes wait for SQL."""
    with _away_is_refused():
        return int(client().xlen(QUEUE))


def counts() -> dict[str, int]:
    """How often each reason was met since live began."""
    with _away_is_refused():
        return {k.decode(): int(v) for k, v in client().hgetall(COUNTS).items()}


# --- The clock's part


def waiting(most: int) -> list[tuple[bytes, int, Fix]]:
    """The oldest fixes that wait for SQL: stream id, user, fix."""
    with _away_is_refused():
        entries = client().xrange(QUEUE, count=most)
    return [(entry, int(f[b"u"]), read_fix.decode(f[b"f"])) for entry, f in entries]


def written(entry_id: bytes) -> None:
    """Forget what waited up to and with this id; it is in SQL."""
    upto, _, part = entry_id.partition(b"-")
    with _away_is_refused():
        client().xtrim(QUEUE, minid=f"{int(upto)}-{int(part) + 1}", approximate=False)


def erased() -> dict[int, int]:
    """Who was erased lately, and when: what was received until then must not be written."""
    with _away_is_refused():
        found = client().zrange(ERASED, 0, -1, withscores=True)
    return {int(user_id): int(at_ms) for user_id, at_ms in found}


def reap(before_ms: int) -> int:
    """Take users off the map who were last seen before a time; at most 500 a call."""
    return run(Call("reap_locations_v1", (GEO, SEEN), (before_ms, REAP_MOST), int))
