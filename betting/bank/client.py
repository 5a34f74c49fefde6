"""The bank's client: sends the calls of calls.py, and plain commands about a club's keys.

`run` is for threads and commands, `arun` for the running event loop. Nothing is retried here: a
lost reply means "not known", and asking again with the same ids is safe, always.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar

from betting.bank.calls import Call
from betting.bank.connections import (
    Primary,
    asend,
    find_keys,
    known_primary_of,
    primaries,
    primary_of,
    send,
)
from betting.bank.errors import (
    BankAway,
    BankBroken,
    BankFull,
    BankRubbish,
    Elsewhere,
    Unmarked,
)
from betting.bank.keys import Keys
from betting.bank.ownership import doubt
from betting.bank.replies import is_number, read_entry
from betting.bank.values import Entry, Head
from web.rows.chunks import chunks
from web.threads import is_in_loop
from web.times import now_ms as local_ms

OFFSET_LASTS_S = 10
FIELDS_PER_STEP = 1000
HEADS_PER_CALL = 500
SLOW_ANSWER_MS = 100

T = TypeVar("T")


class Failures:
    """The primaries where calls found the bank away or shut; operations/web_watch.py waits."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._came = threading.Event()

    def note(self, primary: str) -> None:
        """Take note of a failed call, and wake the calls that wait."""
        self._names.add(primary)
        self._came.set()

    def take(self) -> set[str]:
        """The primaries of failed calls since the last time."""
        self._came.clear()
        names, self._names = self._names, set()
        return names

    def wait(self, timeout_s: float) -> bool:
        """Wait until a call fails, at once where one did since `take`; False when none did."""
        return self._came.wait(timeout_s)


failures = Failures()


def run(call: Call[T]) -> T:
    """Send a call from a thread or command. Raises BankAway or BankFull."""
    asked_ms = local_ms()
    try:
        _refuse_doubtful(call)
        return _read(call, send(_words(call), call.keys[0]), asked_ms)
    except BankAway:
        failures.note(known_primary_of(call.keys[0]))
        raise


async def arun(call: Call[T]) -> T:
    """Send a call from the running event loop. Raises BankAway or BankFull."""
    asked_ms = local_ms()
    try:
        _refuse_doubtful(call)
        return _read(call, await asend(_words(call), call.keys[0]), asked_ms)
    except BankAway:
        failures.note(known_primary_of(call.keys[0]))
        raise


def _refuse_doubtful(call: Call[Any]) -> None:
    if call.write and (reason := doubt(known_primary_of(call.keys[0]))):
        raise BankAway(reason)


class HeadMark(NamedTuple):
    """The head of a club as it is written; empty where it lacks something."""

    epoch: str
    seq: str
    chain: str
    installation_id: str
    at_ms: str
    issued: str
    burned: str
    in_wallets: str
    in_pools: str
    house: str

    @property
    def is_rubbish(self) -> bool:
        """Whether a figure of it is none."""
        return not all(map(is_number, (self.epoch, self.seq, *self[4:])))


_RUBBISH = HeadMark(*[""] * len(HeadMark._fields))


def heads(primary: Primary, club_ids: Sequence[int]) -> dict[int, HeadMark | None]:
    """Where clubs of a primary stand, in one call for all; None of those that it does not know.

    A club that is at another primary, or on its way, is left out; what is no head is rubbish.
    Raises BankAway.
    """
    found: dict[int, HeadMark | None] = {}
    for some in chunks(club_ids, HEADS_PER_CALL):
        asked = [("HMGET", Keys(club_id).head, *HeadMark._fields) for club_id in some]
        for club_id, held in zip(some, primary.send(asked), strict=True):
            if isinstance(held, BankRubbish):
                found[club_id] = _RUBBISH
            elif isinstance(held, Exception):
                if not isinstance(held, Elsewhere | BankFull | Unmarked):
                    raise held
            else:
                mark = HeadMark(*(told or "" for told in held))
                found[club_id] = mark if mark.epoch or mark.seq or mark.chain else None
    return found


def find_head(club_id: int) -> Head | None:
    """A club's head, or None when the bank does not know the club. Raises BankAway.

    Raises BankBroken when it cannot be read.
    """
    names = [field.name for field in fields(Head)]
    held = command("HMGET", Keys(club_id).head, *names)
    if not any(held):
        return None
    told = dict(zip(names, held, strict=True))
    chain = told.pop("chain")
    try:
        return Head(chain=chain, **{name: int(figure) for name, figure in told.items()})
    except (TypeError, ValueError) as error:
        raise BankBroken(f"the head of club {club_id} holds rubbish") from error


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


def newest(club_id: int, count: int) -> list[Entry]:
    """The last `count` entries of a club's journal, newest first. Raises BankAway."""
    rows = command("XREVRANGE", Keys(club_id).journal, "+", "-", "COUNT", count)
    return [read_entry(entry_id, fields) for entry_id, fields in rows]


def walk(key: str) -> Iterator[tuple[str, str]]:
    """All fields of a hash with their values, in pieces that hold nobody up.

    A field that is written meanwhile may come twice, or with its old value.
    """
    cursor = "0"
    while True:
        cursor, some = command("HSCAN", key, cursor, "COUNT", FIELDS_PER_STEP)
        yield from some.items()
        if int(cursor) == 0:
            return


def trim(club_id: int, epoch: int, seq: int) -> int:
    """Drop the entries up to and including `<epoch>-<seq>`; returns how many."""
    return int(command("XTRIM", Keys(club_id).journal, "MINID", f"{epoch}-{seq + 1}"))


def put(key: str, values: dict[str, str]) -> None:
    """Write fields of a hash while a club's bank is rebuilt; never beside a head."""
    command("HSET", key, *(word for pair in values.items() for word in pair))


def wipe(club_id: int, keep: str = "") -> None:
    """Remove everything of a club but `keep`, so that its bank can be rebuilt; the head first."""
    keys = Keys(club_id)
    command("UNLINK", keys.head)
    for key in find_keys(f"{keys.tag}:*", club_id):
        if key != keep:
            command("UNLINK", key)


def command(name: str, key: str, *words: Any) -> Any:
    """Send one plain command about a key from a thread. Raises BankAway or BankFull."""
    return send((name, key, *words), key)


def fullness(primary: Primary | None = None) -> float:
    """How full a primary's memory is, from 0 to 1 and above; without one, the fullest's."""
    asked = [primary] if primary else primaries()
    return max(_part_used(each.ask("INFO", "memory")) for each in asked)


async def afullness(primary: Primary) -> float:
    """How full a primary's memory is, from the running event loop; as `fullness`."""
    return _part_used(await primary.aask("INFO", "memory"))


def _part_used(memory: dict[str, Any]) -> float:
    """The part of maxmemory in use, as the server counts it before it refuses a write."""
    used = memory["used_memory"] - memory.get("mem_not_counted_for_evict", 0)
    return float(used) / (memory["maxmemory"] or float("inf"))


def ask_time_ms(club_id: int | None = None) -> int:
    """The time of the primary that has a club: the local clock plus what its answers showed.

    Without a club it is the time of the primary that answered last. Asks at most every 10 s, and
    never inside an event loop: there the answers to calls refresh the offset by themselves.
    """
    clock = _latest_clock() if club_id is None else _clock_of(known_primary_of(club_id))
    if clock.is_old() and not is_in_loop():
        clock = _measure(club_id, clock)
    return local_ms() + clock.offset_ms


def clocks_ms() -> list[int]:
    """What the clock of each primary that answers says now. Raises BankAway when none does."""
    found: list[int] = []
    for primary in primaries():
        try:
            seconds, _micros = primary.ask("TIME")
        except BankAway as error:
            away = error
        else:
            found.append(1000 * int(seconds))
    if not found:
        raise away
    return found


class _Clock:
    """How far the clock of a primary is ahead of ours."""

    offset_ms = 0
    asked_at_s = measured_at_s = -1e9

    def is_old(self) -> bool:
        return time.monotonic() - self.asked_at_s > OFFSET_LASTS_S

    def note(self, bank_ms: int, asked_ms: int) -> None:
        answered_ms = local_ms()
        # A slow answer says little about the moment at which the bank looked at its clock.
        if answered_ms - asked_ms > SLOW_ANSWER_MS:
            return
        self.offset_ms = bank_ms - (asked_ms + answered_ms) // 2
        self.measured_at_s = self.asked_at_s = time.monotonic()


_clocks: dict[str, _Clock] = {}


def _clock_of(name: str) -> _Clock:
    return _clocks.setdefault(name, _Clock())


def _latest_clock() -> _Clock:
    return max(_clocks.values(), key=lambda clock: clock.measured_at_s, default=_Clock())


def _measure(club_id: int | None, known: _Clock) -> _Clock:
    """Ask the primary of a club for its time, or the first that answers; the known one, else."""
    try:
        asked = primaries() if club_id is None else [primary_of(club_id)]
    except BankAway:
        return known
    for primary in asked:
        clock, asked_ms = _clock_of(primary.name), local_ms()
        clock.asked_at_s = time.monotonic()
        with suppress(BankAway):
            seconds, micros = primary.ask("TIME")
            clock.note(int(seconds) * 1000 + int(micros) // 1000, asked_ms)
            return clock
    return known


def _words(call: Call[Any]) -> tuple[str | int, ...]:
    name = "FCALL" if call.write else "FCALL_RO"
    return (name, call.function, len(call.keys), *call.keys, *call.args)


def _read(call: Call[T], reply: Any, asked_ms: int) -> T:
    if reply[0] == "unavailable":
        raise BankAway("the gate is shut, or the club has not begun")
    clock = _clock_of(known_primary_of(call.keys[0]))
    if clock.is_old():
        clock.note(int(reply[1]), asked_ms)
    return call.read(reply)
