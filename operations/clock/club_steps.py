"""Steps of the clock that go from club to club: which clubs are this clock's, and one by one.

Clubs are shared evenly among the clocks that run. Two that believe a club theirs for a moment do
no harm, because every step may run twice. A primary that is away costs its own clubs only.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, TypeVar

from django.db import OperationalError
from django.db.models import F, Model, Q, QuerySet

from betting import bank, ledger
from betting.models import ClockLease
from operations import gate_watch
from rooms.models import Club
from web.live import live_redis
from web.rows import clocks
from web.rows.halving import is_of_a_row
from web.server.metrics import process_numbers

LEASE_MS = 3000
# Written anew when less is left: every second, so that a slow step or two cost no clubs.
RENEW_BELOW_MS = 2500
# A primary of a Cluster that was away is asked again so much later.
AWAY_FOR_S = 1.0

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Share:
    """The part of all clubs that is this clock's: those whose number leaves `place` over `of`."""

    def __init__(self) -> None:
        self.owner = secrets.token_hex(16)
        self.place, self.of = 0, 1
        self.lock: IO[str] | None = None

    def take_name(self, folder: Path) -> None:
        """Go on under the name of a clock of this folder that ended, however it did.

        Otherwise the lease of one that was killed would hold its clubs until it is over, while
        the one that took its place is there.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, self.lock = process_numbers.first_free(folder)
        if name := (folder / f"{number}.lock").read_text():
            self.owner = name
        else:
            self.lock.write(self.owner)
            self.lock.flush()

    def renew(self) -> None:
        """Say that this clock runs, and divide the clubs among all that do.

        Raises BankAway. One that does not reach the bank says nothing: another may.
        """
        bank.clocks_ms()
        now_ms = clocks.database_ms()
        held = dict(ClockLease.objects.values_list("owner", "until_ms"))
        # One that ends too late was written before the database's clock went back.
        running = {each for each, ends in held.items() if now_ms <= ends <= now_ms + LEASE_MS}
        if self.owner not in running or held[self.owner] < now_ms + RENEW_BELOW_MS:
            kept = {"until_ms": now_ms + LEASE_MS}
            ClockLease.objects.update_or_create(owner=self.owner, defaults=kept)
        if held.keys() - running - {self.owner}:
            is_over = Q(until_ms__lt=now_ms) | Q(until_ms__gt=now_ms + LEASE_MS)
            ClockLease.objects.filter(is_over).delete()
        owners = sorted(running | {self.owner})
        self.place, self.of = owners.index(self.owner), len(owners)

    def end(self) -> None:
        """Leave the clubs to the other clocks at once."""
        ClockLease.objects.filter(owner=self.owner).delete()

    def has(self, club_id: int) -> bool:
        """Whether a club is this clock's."""
        return club_id % self.of == self.place

    def rows(self, rows: QuerySet[M], club: str) -> QuerySet[M]:
        """Those of some rows whose club, at the end of the path, is this clock's and not away."""
        if self.of > 1:
            part: Any = rows.alias(part=F(club) % self.of).filter(part=self.place)
            rows = part
        gone = _clubs_away()
        return rows.exclude(**{f"{club}__in": gone}) if gone else rows


here = Share()
# Until when the primaries of a Cluster are left alone that were away.
_away_until_s: dict[str, float] = {}


def each(
    items: Iterable[T], act: Callable[[T], object], club_of: Callable[[T], int] | None = None
) -> None:
    """Act on each item; one that fails holds up none behind it. Raises the first error then.

    Items of a club whose primary is away are left out from then on. An engine that all of them
    need ends it at once.
    """
    failed: list[Exception] = []
    away: set[str] = set()
    for item in items:
        primary = bank.known_primary_of(club_of(item)) if club_of else ""
        if club_of and primary in away:
            continue
        try:
            act(item)
        except live_redis.LiveAway:
            raise
        except Exception as error:  # noqa: BLE001 - raised below.
            if isinstance(error, OperationalError) and not is_of_a_row(error):
                raise
            failed.append(error)
            if club_of and is_away(error):
                away.add(primary)
                note_away(primary)
    if failed:
        raise failed[0]


def is_away(error: Exception) -> bool:
    """Whether the bank gave no answer."""
    return isinstance(error, bank.BankAway) or isinstance(error.__cause__, bank.BankAway)


def note_away(primary: str) -> None:
    """Leave a primary alone for a second; the only one is asked again at once."""
    if not bank.Primary(primary).is_alone:
        _away_until_s[primary] = time.monotonic() + AWAY_FOR_S


def is_left_alone(primary: str) -> bool:
    """Whether a primary was away within the last second."""
    return time.monotonic() < _away_until_s.get(primary, 0.0)


def by_primary(club_ids: Iterable[int]) -> dict[str, list[int]]:
    """Clubs by the primary that has them, without those that are left alone."""
    found: dict[str, list[int]] = {}
    for club_id in club_ids:
        found.setdefault(bank.known_primary_of(club_id), []).append(club_id)
    return {name: ids for name, ids in found.items() if not is_left_alone(name)}


def _clubs_away() -> list[int]:
    away = {name for name in _away_until_s if is_left_alone(name)}
    if not away:
        return []
    clubs: Any = Club.objects.values_list("pk", flat=True)
    return [club_id for club_id in clubs if bank.known_primary_of(club_id) in away]


# --- Recording


def record() -> None:
    """Record the journals of this clock's clubs. A broken one shuts its primary, and no other.

    Of a club that is quiet nothing is read but where it stands, for all of a primary in one call.
    Raises the first error when all others are recorded.
    """
    rows = Club.objects.values_list("pk", "watermark__epoch", "watermark__seq")
    marks = {row[0]: row for row in rows if here.has(row[0])}
    failed: Exception | None = None
    for name, club_ids in by_primary(sorted(marks)).items():
        try:
            heads = bank.heads(bank.Primary(name), club_ids) if name else {}
            moved = [pk for pk in club_ids if _is_behind(heads.get(pk), marks[pk])]
            ripe = ledger.ripe(marks[pk] for pk in club_ids if marks[pk][1] is not None)
            each([*moved, *ripe], _record, lambda club_id: club_id)
        except bank.BankAway as error:
            note_away(name)
            failed = failed or error
        except Exception as error:  # noqa: BLE001 - the other primaries are recorded, too.
            failed = failed or error
    if failed:
        raise failed


def _is_behind(head: bank.HeadMark | None, mark: tuple[int, int | None, int | None]) -> bool:
    """Whether there is something to record, or something that cannot be."""
    # A club of which nothing was recorded has no watermark.
    epoch, seq = mark[1] or 1, mark[2] or 0
    # Of a club whose head is put aside while it is rebuilt the journal is read.
    return (head.epoch, head.seq) != (str(epoch), str(seq)) if head else seq > 0


def _record(club_id: int) -> None:
    try:
        ledger.record_all(club_id)
    except ledger.JournalBroken as broken:
        gate_watch.shut_for(broken)
        raise
