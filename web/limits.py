"""All limits: the sizes and the rates.

A rate is kept in the live Redis. While that is away a bucket in this process takes over: limits
are then looser by the number of processes, but never open, and nobody is locked out.
"""

import math
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from web.addresses import is_among, network
from web.live import live_redis
from web.refusals import Refused

# --- Sizes; characters are code points

TITLE_CHARACTERS_MAX = 80
QUESTION_CHARACTERS_MAX = 140
LABEL_CHARACTERS_MAX = 60
NICKNAME_CHARACTERS_MIN = 2
NICKNAME_CHARACTERS_MAX = 20
REASON_CHARACTERS_MAX = 200
CHAT_CHARACTERS_MAX = 500
EMAIL_CHARACTERS_MAX = 190
PASSWORD_CHARACTERS_MAX = 256
FRAME_BYTES_MAX = 4096
BODY_BYTES_MAX = 65_536
# Of one web process; each may need a connection of the database.
REQUESTS_AT_ONCE_MAX = 24
REQUESTS_WAITING_MAX = 1_000
ROOM_CAPACITY_DEFAULT = 500
ROOM_CAPACITY_MAX = 10_000
RECEIPTS_PER_CALL_MAX = 200
OUTCOMES_MIN = 2
OUTCOMES_MAX = 10
OPEN_MARKETS_PER_ROOM_MAX = 3
STREAM_DELAY_S_MAX = 300
SOCKETS_PER_USER_AND_ROOM_MAX = 5
STAKE_COINS_MAX = 10**12
HOLDING_COINS_MAX = 9 * 10**15

KEYS_PER_ROOM_MAX = 20
WEBHOOKS_PER_ROOM_MAX = 5
KEY_NAME_CHARACTERS_MAX = 40
KEY_DAYS_MAX = 365
ADMIN_ROWS_COUNTED_MAX = 10_000

# --- Rates


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    per_s: float
    burst: int

    @property
    def interval_us(self) -> int:
        return max(1, round(1_000_000 / self.per_s))

    def times(self, scale: int) -> "Rate":
        return replace(self, per_s=self.per_s * scale, burst=self.burst * scale)


def _rate(count: int, every_s: int, burst: int | None = None) -> Rate:
    scale = settings.LIMITS_SCALE
    return Rate(count * scale / every_s, (burst or count) * scale)


_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400

# A limit may hold several rates; all of them must admit.
LIMITS: dict[str, tuple[Rate, ...]] = {
    "guests": (_rate(10, _MINUTE_S), _rate(200, _DAY_S)),
    "log_ins": (_rate(5, _MINUTE_S),),
    "log_ins_account": (_rate(10, _MINUTE_S),),
    "log_ins_known": (_rate(10, _MINUTE_S),),
    "resets": (_rate(5, _MINUTE_S),),
    # E-mails to one address, whether an account has it or not.
    "resets_account": (_rate(3, _HOUR_S),),
    "email_checks": (_rate(3, _HOUR_S),),
    "refreshes": (_rate(10, 1, burst=300),),
    "tickets": (_rate(1, 1, burst=20),),
    "code_misses": (_rate(30, _MINUTE_S),),
    "evening_pages": (_rate(30, _MINUTE_S),),
    "verifications": (_rate(30, _MINUTE_S),),
    "bets": (_rate(5, 1, burst=20),),
    "chat": (_rate(1, 1, burst=5),),
    "rooms": (_rate(10, _HOUR_S),),
    "clubs": (_rate(3, _DAY_S),),
    "renames": (_rate(20, _HOUR_S),),
    "keys_made": (_rate(10, _MINUTE_S),),
    "webhooks_made": (_rate(10, _MINUTE_S),),
    "webhooks_changed": (_rate(30, _MINUTE_S),),
    "webhooks_repeated": (_rate(30, _MINUTE_S),),
    # All that a program does with one key.
    "keys": (_rate(5, 1, burst=30),),
    "seats": (_rate(10, _MINUTE_S),),
    "screens": (_rate(10, _MINUTE_S),),
    "seats_tried": (_rate(30, _MINUTE_S),),
    "markets": (_rate(30, _MINUTE_S),),
    "fixes": (_rate(1, 3, burst=2),),
    # Far above what any page does on a socket; a client that sends more is closed.
    "messages": (_rate(50, 1, burst=200),),
    # Sockets that one user opens, and that strangers at one address open. A whole hall whose
    # sign-ins ran out may come back at once.
    "handshakes": (_rate(1, 1, burst=30),),
    "strangers": (_rate(10, 1, burst=300),),
    "maps": (_rate(1, 2, burst=20),),
    # A week of positions takes a second of work.
    "exports": (_rate(10, _MINUTE_S),),
    # Rooms around a position, for a user or for strangers at one address.
    "nearby": (_rate(2, 1, burst=60),),
    # A phone app sends what it kept while offline in one go, a request for each fix.
    "device_fixes": (_rate(1, 3, burst=100),),
}

# Everybody in a venue comes from its one address: it may do so many times what others may.
VENUE_SCALE = 50

_LIBRARY = Path(__file__).with_name("limits.lua")
_LOCAL_KEYS_MAX = 20_000


class Bucket:
    """A rate kept by one socket or one process, without any store."""

    __slots__ = ("_rate", "_whole_s")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._whole_s = 0.0

    def take(self, now_s: float | None = None) -> float | None:
        """Take one and return None, or take nothing and return the seconds to wait."""
        now_s = time.monotonic() if now_s is None else now_s
        whole_s = max(now_s, self._whole_s) + 1 / self._rate.per_s
        wait_s = whole_s - self._rate.burst / self._rate.per_s - now_s
        # A rounding error must not cost the last one of a burst.
        if wait_s > 1e-6:
            return wait_s
        self._whole_s = whole_s
        return None

    def is_whole(self, now_s: float) -> bool:
        return self._whole_s <= now_s


def bucket(name: str) -> Bucket:
    """A fresh bucket of a limit that has one rate, for a socket to keep."""
    (rate,) = LIMITS[name]
    return Bucket(rate)


class _LocalBuckets:
    """Buckets for while the live instance is away: bounded, the oldest is dropped first."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, rate: Rate) -> float | None:
        with self._lock:
            kept = self._buckets.setdefault(key, Bucket(rate))
            self._buckets.move_to_end(key)
            if len(self._buckets) > _LOCAL_KEYS_MAX:
                self._buckets.popitem(last=False)
            return kept.take()


_local = _LocalBuckets()


def check_address(name: str, address: str, *, cost: int = 1, claim: object = None) -> None:
    """Count one act of an address, as `check` does, for the network that it belongs to.

    One of VENUE_NETWORKS may do VENUE_SCALE times as much. Acts under one claim can be given back.
    """
    check(name, network(address), cost=cost, scale=_scale(address))
    if claim is not None:
        key = _claim(name, address, claim)
        with suppress(live_redis.LiveAway):
            live_redis.ask([("INCR", key), ("EXPIRE", key, _MINUTE_S)])


def give_back(name: str, address: str, *, claim: object) -> None:
    """Take back what an address was counted for under a claim in the last minute, once.

    While the live instance is away nothing is given back.
    """
    with suppress(live_redis.LiveAway):
        [count] = live_redis.ask([("GETDEL", _claim(name, address, claim))])
        if count:
            rates = [rate.times(_scale(address)) for rate in LIMITS[name]]
            keys = [_key(name, number, network(address)) for number in range(len(rates))]
            args = [int(count), *(rate.interval_us for rate in rates)]
            live_redis.fcall(_LIBRARY, "give_back_v1", keys, args)


def _scale(address: str) -> int:
    return VENUE_SCALE if is_among(address, tuple(settings.VENUE_NETWORKS)) else 1


def _claim(name: str, address: str, claim: object) -> str:
    return f"{{limits}}:{name}:claim:{network(address)}:{claim}"


def _key(name: str, number: int, subject: object) -> str:
    return f"{{limits}}:{name}:{number}:{subject}"


def check(name: str, *subjects: object, cost: int = 1, scale: int = 1) -> None:
    """Count one act of these subjects (an account, a device) under a limit, times `scale`.

    A cost of 0 only asks whether one more would be admitted. Raises Refused: too_fast, with the
    seconds to wait; then nothing was counted for any of them.
    """
    rates = [rate.times(scale) for rate in LIMITS[name]]
    named = [
        (_key(name, number, subject), rate)
        for subject in subjects
        for number, rate in enumerate(rates)
    ]
    try:
        wait_s = _admit(named, cost)
    except live_redis.LiveAway:
        waits = [_local.take(key, rate) for key, rate in named] if cost else []
        wait_s = max((wait for wait in waits if wait), default=0.0)
    if wait_s > 0:
        raise Refused("too_fast", retry_after_s=math.ceil(wait_s))


def _admit(named: list[tuple[str, Rate]], cost: int) -> float:
    keys = [key for key, _ in named]
    args = [cost, *(figure for _, rate in named for figure in (rate.interval_us, rate.burst))]
    wait_us = live_redis.fcall(_LIBRARY, "admit_v1", keys, args)
    return int(wait_us) / 1_000_000
