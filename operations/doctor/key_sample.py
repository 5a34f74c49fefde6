"""What the keys hold, of as many as a budget allows: the biggest, expiry, by club and room.

Walks with SCAN in small steps and stops when the budget of keys or of seconds is used up; then
every figure is "at least". Keys that are known to grow are looked at first. Changes nothing.
"""

import heapq
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import Error
from django.db.models import QuerySet

from accounts.handshake import refused_log
from betting.audit import verdicts
from betting.bank import Keys
from betting.models import Market
from locations.live import functions
from operations import sample_store
from operations.doctor.instances import Instance, without_subject
from rooms import live
from rooms.models import Club, Room

STEP = 200
KEPT = 10
# Keys without expiry that are right on the live instance: their writers cap or sweep each.
CAPPED = frozenset({
    live.UNCOPIED, live.DECISIONS, refused_log.KEY, verdicts.VERDICTS, verdicts.WANTED,
    sample_store.SAMPLES,
    functions.GEO, functions.SEEN, functions.QUEUE, functions.COUNTS, functions.ERASED,
})  # fmt: skip
_OF_CLUB = re.compile(r"\{c(\d+)\}:")
_OF_MARKET = re.compile(r"\{c\d+\}:m:(\d+)")
_OF_ROOM = re.compile(r"rooms:\{(\d+)\}:")
_NEVER = -1


@dataclass(frozen=True, slots=True)
class Budget:
    """Where a walk stops."""

    keys: int
    seconds: float


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A key and the bytes it takes."""

    size_bytes: int
    name: str


@dataclass(slots=True)
class KeySample:
    """What was found. `is_whole` when every key was looked at."""

    seen: int = 0
    size_bytes: int = 0
    is_whole: bool = False
    biggest: list[Key] = field(default_factory=list)
    endless: list[str] = field(default_factory=list)
    endless_count: int = 0
    ending: list[str] = field(default_factory=list)
    ending_count: int = 0
    clubs_bytes: Counter[int] = field(default_factory=Counter)
    markets_bytes: Counter[int] = field(default_factory=Counter)
    rooms_bytes: Counter[int] = field(default_factory=Counter)

    def add(self, name: str, size_bytes: int, ttl_s: int) -> None:
        """Count one key."""
        self.seen += 1
        self.size_bytes += size_bytes
        push = heapq.heappush if len(self.biggest) < KEPT else heapq.heappushpop
        push(self.biggest, Key(size_bytes, without_subject(name)))
        if ttl_s != _NEVER:
            self.ending_count += 1
            self.ending += [name] if len(self.ending) < KEPT else []
        elif name not in CAPPED:
            self.endless_count += 1
            self.endless += [name] if len(self.endless) < KEPT else []
        for pattern, counter in (
            (_OF_CLUB, self.clubs_bytes),
            (_OF_MARKET, self.markets_bytes),
            (_OF_ROOM, self.rooms_bytes),
        ):
            if found := pattern.match(name):
                counter[int(found[1])] += size_bytes


def sample(instance: Instance, budget: Budget) -> KeySample:
    """Sample keys until the budget is used up. Raises BankAway or LiveAway."""
    found, until_s = KeySample(), time.monotonic() + budget.seconds
    known = _known(instance)
    _look(instance, known, found)
    cursor, first = 0, True
    while first or cursor:
        if found.seen >= budget.keys or time.monotonic() >= until_s:
            break
        first = False
        [answer] = instance.ask([("SCAN", cursor, "COUNT", min(STEP, budget.keys))])
        if isinstance(answer, Exception):
            break
        cursor, names = int(answer[0]), answer[1]
        _look(instance, [name for name in names if name not in known], found)
    else:
        found.is_whole = True
    found.biggest.sort(reverse=True)
    return found


def _known(instance: Instance) -> list[str]:
    if instance.role == "live":
        return sorted(CAPPED)
    clubs = map(Keys, _told(Club.objects.values_list("pk", "slug")))
    return [name for keys in clubs for name in (keys.wallets, keys.journal, keys.grants)]


def _told(pairs: QuerySet[Any, tuple[int, Any]]) -> dict[int, Any]:
    """The rows of these in SQL; nothing while it is away, since this is not about SQL."""
    try:
        return dict(pairs)
    except Error:
        return {}


def _look(instance: Instance, names: Sequence[str], found: KeySample) -> None:
    asked = [("MEMORY USAGE", name, "SAMPLES", 5) for name in names]
    asked += [("TTL", name) for name in names]  # type: ignore[misc]
    answers = instance.ask(asked) if asked else []
    sizes, ends = answers[: len(names)], answers[len(names) :]
    for name, size, ttl_s in zip(names, sizes, ends, strict=True):
        # A key that expired meanwhile, or lies on another primary, is left out.
        if isinstance(size, int) and isinstance(ttl_s, int):
            found.add(name, size, ttl_s)


@dataclass(frozen=True, slots=True)
class Share:
    """Bytes of one club or room."""

    of: str
    size_bytes: int


def shares(samples: Sequence[KeySample]) -> tuple[list[Share], list[Share]]:
    """Bytes by club and by room over both roles, the most first; rooms by their code."""
    clubs: Counter[int] = Counter()
    rooms: Counter[int] = Counter()
    for each in samples:
        clubs.update(each.clubs_bytes)
        rooms.update(each.rooms_bytes)
        rooms.update(_rooms_of_markets(each.markets_bytes))
    slugs = _told(Club.objects.filter(pk__in=list(clubs)).values_list("pk", "slug"))
    most = dict(rooms.most_common(2 * KEPT))
    codes = _told(Room.objects.filter(pk__in=list(most)).values_list("pk", "code"))
    return list(_named(clubs, slugs)), list(_named(Counter(most), codes))


def _rooms_of_markets(sizes: Counter[int]) -> Counter[int]:
    rooms: Counter[int] = Counter()
    heaviest = dict(sizes.most_common(500))
    places = Market.objects.filter(pk__in=list(heaviest)).values_list("pk", "room_id")
    for market_id, room_id in _told(places).items():
        rooms[room_id] += heaviest[market_id]
    return rooms


def _named(sizes: Counter[int], names: dict[int, str]) -> Iterator[Share]:
    for number, size in sizes.most_common():
        yield Share(names.get(number, f"#{number}"), size)
