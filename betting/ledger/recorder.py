"""Records the bank's journal in SQL, and reads what was recorded.

The only module that writes coins to SQL. Any process may record at any time: the row lock on the
club's watermark makes every entry go in once and in order.
"""

import random
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Min, Q, Sum

from betting import bank
from betting.bank.values import Accepted, Entry
from betting.ledger import events
from betting.ledger.checks import JournalBroken, check, duplicate
from betting.ledger.market_projection import count_out_of_rooms
from betting.ledger.projections import project
from betting.ledger.trimming import trim_recorded
from betting.models import ACCOUNTS, Kind, LedgerEntry, Wallet, Watermark
from betting.payouts import Stake
from web.rows.chunks import chunks
from web.rows.inserting import insert

# In one transaction; each costs the less the more there are, but SQLite's writers wait for it.
ENTRIES_PER_STEP = 3000
# In one call, which holds up the bank.
ENTRIES_PER_CALL = 1000
ENTRIES_PER_READ = 2000
ATTEMPTS_MAX = 5
# SQLite has one writer at a time; between two steps requests get their turn.
SQLITE_REST_S = 0.05
# Lock wait timeout, deadlock, server gone away, connection lost.
_PASSING_MYSQL = frozenset({1205, 1213, 2006, 2013})
_COLUMNS = (
    "club_id", "epoch", "seq", "kind", "debit", "credit", "coins", "user_id", "market_id",
    "outcome_id", "command", "wallet_after", "position_after", "at_ms", "chain",
)  # fmt: skip
_READ = tuple(name for name in _COLUMNS if name not in ("club_id", "debit", "credit"))
_LEDGER = f"{LedgerEntry._meta.db_table} ({', '.join(_COLUMNS)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Where all coins of a club are, as sums over the ledger."""

    issued: int
    burned: int
    in_wallets: int
    in_pools: int
    house: int


def watermark(club_id: int) -> Watermark:
    """Up to where the club is recorded; made on first use."""
    found = Watermark.objects.filter(pk=club_id).first()
    return found or Watermark.objects.get_or_create(pk=club_id)[0]


def record(club_id: int, count: int = ENTRIES_PER_STEP) -> int:
    """Record up to `count` entries of the journal in SQL; returns how many were new.

    All of them or none; a step that failed is repeated whole by the next one. Entries that were
    committed a minute ago leave the journal. Raises JournalBroken, and BankAway from the bank.
    """
    return _record(club_id, count)[0]


def record_all(club_id: int) -> int:
    """Record what the journal holds at this moment; returns how many entries were new.

    It ends however fast new ones come.
    """
    recorded, is_end = _record(club_id, ENTRIES_PER_STEP)
    while not is_end:
        _rest()
        step, is_end = _record(club_id, ENTRIES_PER_STEP)
        recorded += step
    return recorded


def record_entries(club_id: int, entries: Sequence[Entry]) -> int:
    """Record entries that another source than the journal holds; returns how many were new.

    Raises JournalBroken for those that do not follow from the ledger's last one.
    """
    recorded = 0
    for some in chunks(entries, ENTRIES_PER_STEP):
        recorded += _write(club_id, some)[1]
        _rest()
    return recorded


def wait_for(club_id: int, seq: int) -> None:
    """Record until the ledger holds entry `seq`, which the bank has answered with.

    Raises JournalBroken when the journal ends before it.
    """
    while watermark(club_id).seq < seq:
        _, is_end = _record(club_id, ENTRIES_PER_STEP)
        if is_end and (mark := watermark(club_id)).seq < seq:
            raise JournalBroken(club_id, mark.seq + 1, f"it ends before {seq}")
        if not is_end:
            _rest()


def stakes(market_id: int, before_ms: int | None = None) -> list[Stake]:
    """All bets of a market, added up by user and outcome.

    With `before_ms`, coins that were accepted at or after that time are kept apart as late.
    """
    counts = Q(at_ms__lt=before_ms) if before_ms is not None else Q(at_ms__isnull=False)
    rows = (
        LedgerEntry.objects.filter(market_id=market_id, kind=Kind.BET)
        .order_by()
        .values_list("user_id", "outcome_id")
        .annotate(
            staked=Sum("coins"),
            counting=Sum("coins", filter=counts),
            first_seq=Min("seq", filter=counts),
        )
    )
    return [
        Stake(
            user_id=user,
            outcome_id=outcome,
            coins=int(counting or 0),
            first_seq=first_seq or 0,
            late_coins=int(staked) - int(counting or 0),
        )
        for user, outcome, staked, counting, first_seq in rows
    ]


def first_answer(*, user_id: int, market_id: int, bet_id: str) -> Accepted | None:
    """The bank's answer when it took this bet; None when the ledger does not hold it."""
    entry = LedgerEntry.objects.filter(
        user_id=user_id, market_id=market_id, kind=Kind.BET, command=bet_id
    ).first()
    if entry is None:
        return None
    assert entry.outcome_id and entry.wallet_after is not None and entry.position_after
    return Accepted(
        outcome_id=entry.outcome_id,
        stake_coins=entry.coins,
        epoch=entry.epoch,
        seq=entry.seq,
        at_ms=entry.at_ms,
        coins=entry.wallet_after,
        position_coins=entry.position_after,
        is_repeat=True,
        chain=entry.chain,
    )


def totals(club_id: int, upto_seq: int | None = None) -> Totals:
    """Sums over the ledger of a club, up to and with an entry; a full scan."""
    entries = LedgerEntry.objects.filter(club_id=club_id).exclude(debit="").order_by()
    if upto_seq is not None:
        entries = entries.filter(seq__lte=upto_seq)
    into: dict[str, int] = {}
    out_of: dict[str, int] = {}
    for debit, credit, coins in entries.values_list("debit", "credit").annotate(Sum("coins")):
        out_of[debit] = out_of.get(debit, 0) + int(coins)
        into[credit] = into.get(credit, 0) + int(coins)
    holds = {name: into.get(name, 0) - out_of.get(name, 0) for name in ("wallet", "market")}
    return Totals(
        issued=out_of.get("issue", 0),
        burned=into.get("issue", 0),
        in_wallets=holds["wallet"],
        in_pools=holds["market"],
        house=into.get("house", 0),
    )


def drop_empty_wallets(user_ids: Collection[int]) -> None:
    """Remove the empty wallets of these users from SQL; the entries stay."""
    Wallet.objects.filter(user_id__in=user_ids, coins=0).delete()


def read(club_id: int, upto_seq: int, *, after_seq: int = 0) -> Iterator[list[Entry]]:
    """All entries of a club after one up to and with `upto_seq`, in order and in chunks."""
    rows = LedgerEntry.objects.filter(club_id=club_id, seq__lte=upto_seq).order_by("seq")
    seq = after_seq
    while chunk := list(rows.filter(seq__gt=seq).values_list(*_READ)[:ENTRIES_PER_READ]):
        entries = [Entry(**dict(zip(_READ, row, strict=True))) for row in chunk]
        yield entries
        seq = entries[-1].seq


def entries(club_id: int, **chosen: Any) -> Iterator[Entry]:
    """Entries of a club that match a filter, in order."""
    rows = LedgerEntry.objects.filter(club_id=club_id, **chosen).order_by("seq")
    for row in rows.values_list(*_READ).iterator(ENTRIES_PER_READ):
        yield Entry(**dict(zip(_READ, row, strict=True)))


def _record(club_id: int, count: int) -> tuple[int, bool]:
    """Record one step, and repeat it whole after an error that passes."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _record_once(club_id, count)
        except OperationalError as error:
            if attempt == ATTEMPTS_MAX or not _is_passing(error):
                raise
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            time.sleep(random.uniform(0, 0.02 * attempt))
    raise AssertionError("unreachable")


def _record_once(club_id: int, count: int) -> tuple[int, bool]:
    """Record one step; how many entries were new, and whether the journal held no more."""
    mark = watermark(club_id)
    unread, recorded = _read_journal(mark, count), 0
    if unread:
        mark, recorded = _write(club_id, unread)
    trim_recorded(mark)
    return recorded, len(unread) < count


def _read_journal(mark: Watermark, count: int) -> list[Entry]:
    """The next entries behind a watermark, `count` of them unless the journal ends before."""
    unread: list[Entry] = []
    at = (mark.epoch, mark.seq)
    while len(unread) < count:
        asked = min(count - len(unread), ENTRIES_PER_CALL)
        some = bank.journal(mark.pk, *at, asked)
        unread += some
        if len(some) < asked:
            break
        at = (some[-1].epoch, some[-1].seq)
    return unread


def _write(club_id: int, unread: Sequence[Entry]) -> tuple[Watermark, int]:
    """Write entries in one transaction; where the ledger stands then, and how many were new."""
    with transaction.atomic(durable=True):
        mark = Watermark.objects.select_for_update().get(pk=club_id)
        # Another process may have recorded some of them since they were read.
        entries = [entry for entry in unread if entry.seq > mark.seq]
        if entries:
            check(mark, entries)
            _insert(club_id, entries)
            project(club_id, entries)
            count_out_of_rooms(entries)
            events.note_entries(entries)
            _move(mark, entries)
    return mark, len(entries)


def _insert(club_id: int, entries: Sequence[Entry]) -> None:
    rows = [
        (
            club_id, entry.epoch, entry.seq, entry.kind, *ACCOUNTS.get(entry.kind, ("", "")),
            entry.coins, entry.user_id, entry.market_id, entry.outcome_id, entry.command,
            entry.wallet_after, entry.position_after, entry.at_ms, entry.chain,
        )
        for entry in entries
    ]  # fmt: skip
    try:
        insert(_LEDGER, rows)
    except IntegrityError as error:
        if again := duplicate(club_id, entries):
            reason = f"the ledger holds its id {again.command} in another entry"
            raise JournalBroken(club_id, again.seq, reason) from error
        raise JournalBroken(club_id, entries[0].seq, f"SQL refuses the entries: {error}") from error


def _move(mark: Watermark, entries: Sequence[Entry]) -> None:
    last = entries[-1]
    mark.seq, mark.chain, mark.at_ms = last.seq, last.chain, last.at_ms
    mark.save(update_fields=["seq", "chain", "at_ms"])


def _is_passing(error: OperationalError) -> bool:
    code = error.args[0] if error.args else None
    return code in _PASSING_MYSQL or "locked" in str(error)


def _rest() -> None:
    if connection.vendor == "sqlite":
        time.sleep(SQLITE_REST_S)
