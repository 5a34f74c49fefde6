"""The bank's client: sends the calls of calls.py, and plain commands about a club's keys.

`run` is for threads and commands, `arun` for the running event loop. Nothing is retried here: a
lost reply means "not known", and asking again with the same ids is safe, always.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, TypeVar

from betting.bank.calls import Call
from betting.bank.connections import (
    BankAway,
    BankBroken,
    aeach_primary,
    asend,
    each_primary,
    find_keys,
    send,
)
from betting.bank.keys import Keys
from betting.bank.ownership import doubt
from betting.bank.replies import read_entry
from betting.bank.values import Entry, Head
from web.threads import is_in_loop
from web.times import now_ms as local_ms

OFFSET_LASTS_S = 10
FIELDS_PER_STEP = 1000
SLOW_ANSWER_MS = 100

T = TypeVar("T")

# Set by each call that found the bank away or shut; operations/web_watch.py waits for it.
call_failed = threading.Event()


def run(call: Call[T]) -> T:
    """Send a call from a thread or command. Raises BankAway or BankFull."""
    _refuse_doubtful(call)
    asked_ms = local_ms()
    try:
        return _read(call, send(_words(call), call.keys[0]), asked_ms)
    except BankAway:
        call_failed.set()
        raise


async def arun(call: Call[T]) -> T:
    """Send a call from the running event loop. Raises BankAway or BankFull."""
    _refuse_doubtful(call)
    asked_ms = local_ms()
    try:
        return _read(call, await asend(_words(call), call.keys[0]), asked_ms)
    except BankAway:
        call_failed.set()
        raise


def _refuse_doubtful(call: Call[Any]) -> None:
    if call.write and (reason := doubt()):
        raise BankAway(reason)


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
    for key in find_keys(f"{keys.tag}:*", keys.head):
        if key != keep:
            command("UNLINK", key)


def command(name: str, key: str, *words: Any) -> Any:
    """Send one plain command about a key from a thread. Raises BankAway or BankFull."""
    return send((name, key, *words), key)


def fullness() -> float:
    """How full the fullest primary's memory is, from 0 to 1 and above. One question to each."""
    return max(map(_part_used, each_primary("INFO", "memory")))


async def afullness() -> float:
    """How full the fullest primary's memory is, from the running event loop; as `fullness`."""
    return max(map(_part_used, await aeach_primary("INFO", "memory")))


def _part_used(memory: dict[str, Any]) -> float:
    """The part of maxmemory in use, as the server counts it before it refuses a write."""
    used = memory["used_memory"] - memory.get("mem_not_counted_for_evict", 0)
    return float(used) / (memory["maxmemory"] or float("inf"))


def ask_time_ms() -> int:
    """The bank's time: the local clock plus the offset that its answers showed.

    Asks at most every 10 s, and never inside an event loop: there the answers to calls
    refresh the offset by themselves.
    """
    if _clock.is_old() and not is_in_loop():
        asked_ms = local_ms()
        _clock.measured_at_s = time.monotonic()
        try:
            seconds, micros = each_primary("TIME")[0]
        except BankAway:
            return asked_ms + _clock.offset_ms
        _clock.note(int(seconds) * 1000 + int(micros) // 1000, asked_ms)
    return local_ms() + _clock.offset_ms


def clocks_ms() -> list[int]:
    """What the clock of each primary says now. Raises BankAway."""
    return [1000 * int(seconds) for seconds, _micros in each_primary("TIME")]


class _Clock:
    """How far the bank's clock is ahead of ours."""

    offset_ms = 0
    measured_at_s = -1e9

    def is_old(self) -> bool:
        return time.monotonic() - self.measured_at_s > OFFSET_LASTS_S

    def note(self, bank_ms: int, asked_ms: int) -> None:
        answered_ms = local_ms()
        # A slow answer says little about the moment at which the bank looked at its clock.
        if answered_ms - asked_ms > SLOW_ANSWER_MS:
            return
        self.offset_ms = bank_ms - (asked_ms + answered_ms) // 2
        self.measured_at_s = time.monotonic()


_clock = _Clock()


def _words(call: Call[Any]) -> tuple[str | int, ...]:
    name = "FCALL" if call.write else "FCALL_RO"
    return (name, call.function, len(call.keys), *call.keys, *call.args)


def _read(call: Call[T], reply: Any, asked_ms: int) -> T:
    if reply[0] == "unavailable":
        raise BankAway("the gate is shut, or the club has not begun")
    if _clock.is_old():
        _clock.note(int(reply[1]), asked_ms)
    return call.read(reply)
