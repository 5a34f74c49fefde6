"""A reading of all figures at one moment. An engine that is away leaves its figures out."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from django.core.cache import cache
from django.db import Error, connection

from betting import bank
from betting.models import Kind, LedgerEntry, Watermark
from locations import live as positions
from operations.clock.schedule import BEAT
from rooms import live
from rooms.fanout import presence
from rooms.models import Club, Room
from web.refusals import Refused
from web.times import now_ms

# Rooms whose people are counted; more would make the call to the live instance a long one.
ROOMS_COUNTED_MAX = 500


class Reading(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Figures of one moment; None: it could not be read.

    `seqs` are the entries recorded in SQL by club; `bets` are accepted ones a second since the
    reading before; `behind` is what SQL has not recorded yet, `behind_ms` how old the first of it.
    """

    at_ms: int
    seqs: dict[int, int] = {}
    bets: float | None = None
    rooms: int | None = None
    here: int | None = None
    sockets: int | None = None
    behind: int | None = None
    behind_ms: int | None = None
    waiting: int | None = None
    bank_bytes: int | None = None
    bank_bytes_max: int | None = None
    live_bytes: int | None = None
    live_bytes_max: int | None = None
    database_ms: float | None = None
    is_open: bool | None = None
    primaries: int = 1
    primaries_open: int = 1
    shut_reason: str = ""
    is_even: bool | None = None
    epoch: int | None = None
    clock_age_ms: int | None = None


def take(before: Reading | None) -> Reading:
    """Read everything now; bets a second are counted since the reading before."""
    now = Reading(at_ms=now_ms())
    marks: dict[int, Watermark] = {}
    with _unless_away():
        began_s = time.perf_counter()
        marks = Watermark.objects.in_bulk()
        now.database_ms = round(1000 * (time.perf_counter() - began_s), 1)
        now.seqs = {club_id: mark.seq for club_id, mark in marks.items()}
        now.bets = _bets_a_second(before, now)
        now.rooms = Room.objects.filter(status=Room.Status.LIVE).count()
    with _unless_away():
        _read_bank(now, marks)
    with _unless_away():
        _read_live(now)
    beat = cache.get(BEAT)
    if beat:
        now.clock_age_ms = max(0, now.at_ms - beat["at_ms"])
    return now


@contextlib.contextmanager
def _unless_away() -> Iterator[None]:
    try:
        yield
    except (bank.BankAway, bank.BankFull, live.LiveAway, Refused):
        pass
    except Error:
        # A connection that failed may be dead; the next statement opens a new one.
        if not connection.in_atomic_block:
            connection.close()


def _bets_a_second(before: Reading | None, now: Reading) -> float | None:
    if before is None or before.database_ms is None or now.at_ms <= before.at_ms:
        return None
    bets = 0
    for club_id, seq in now.seqs.items():
        since = before.seqs.get(club_id, 0)
        if seq > since:
            recorded = LedgerEntry.objects.filter(club_id=club_id, seq__gt=since, seq__lte=seq)
            bets += recorded.filter(kind=Kind.BET).count()
    return round(1000 * bets / (now.at_ms - before.at_ms), 2)


def _read_bank(now: Reading, marks: dict[int, Watermark]) -> None:
    states = bank.states()
    answering = [state for state in states if not state.away]
    if not answering:
        raise bank.BankAway(states[0].away)
    fullest = max((each.primary.ask("INFO", "memory") for each in answering), key=_share)
    now.bank_bytes, now.bank_bytes_max = _memory(fullest)
    now.is_open = all(state.is_open for state in states)
    now.primaries, now.primaries_open = len(states), sum(state.is_open for state in states)
    now.shut_reason = next((state.shut_reason for state in states if state.shut_reason), "")
    behind, oldest_ms, is_even, epoch = 0, now.at_ms, True, 0
    away = {state.primary.name for state in states if state.away}
    for club_id in Club.objects.values_list("pk", flat=True):
        if bank.known_primary_of(club_id) in away:
            continue
        head, mark = bank.find_head(club_id), marks.get(club_id) or Watermark(pk=club_id)
        if head is None:
            continue
        is_even, epoch = is_even and head.is_even, max(epoch, head.epoch)
        if head.epoch == mark.epoch and head.seq > mark.seq:
            behind += head.seq - mark.seq
            # An entry that was recorded since SQL was read waits no longer.
            first = bank.journal(club_id, mark.epoch, mark.seq, 1)
            oldest_ms = min(oldest_ms, first[0].at_ms if first else now.at_ms)
    now.is_even, now.epoch = is_even, epoch
    now.behind, now.behind_ms = behind, now.at_ms - oldest_ms


def _read_live(now: Reading) -> None:
    [told] = live.ask([("INFO", "memory")])
    now.live_bytes, now.live_bytes_max = _memory(told)
    now.sockets = presence.count_sockets(now.at_ms / 1000)
    now.waiting = positions.waiting_count()
    open_rooms = Room.objects.filter(status=Room.Status.LIVE).order_by("-pk")
    counted = list(open_rooms.values_list("pk", flat=True)[:ROOMS_COUNTED_MAX])
    if counted:
        now.here = sum(live.ask(live.count_here(counted, now.at_ms / 1000)))
    else:
        now.here = 0


def _memory(told: dict[str, Any]) -> tuple[int, int]:
    return int(told["used_memory"]), int(told["maxmemory"])


def _share(told: dict[str, Any]) -> float:
    used, most = _memory(told)
    return used / most if most else 0.0
