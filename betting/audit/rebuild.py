"""Rebuilds the bank of a club from the ledger, under the next epoch.

Nothing but the ledger is read for coins; a market's limits come from its row. Everything that
the bank held is written as it was, so that an old bet_id gets its first answer.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from betting import bank, ledger
from betting.audit import installation, tail
from betting.audit.comparisons.bank_memory import new_fold, remembered_markets
from betting.audit.epochs import raise_epoch
from betting.audit.fold import Fold
from betting.bank.replies import is_number
from betting.bank.values import Head
from betting.models import Watermark
from web.rows.chunks import chunks

FIELDS_PER_CALL = 500

Progress = Callable[[str, int, int], None]


class ClosedHead(NamedTuple):
    """Where a club's journal stood when its head was put aside."""

    epoch: int
    seq: int


class TailAtRisk(Exception):
    """The bank decided more than the ledger holds, and a new bank would not know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What the new bank of a club holds."""

    club_id: int
    epoch: int
    seq: int
    wallets: int
    markets: int
    positions: int
    bets: int


def rebuild(
    club_id: int,
    *,
    progress: Progress,
    lose_tail: bool = False,
    take_over: bool = False,
    tail_file: Path | None = None,
) -> Rebuilt:
    """Replace the bank of a club by what the ledger says, under the next epoch.

    The club takes no bets meanwhile, and killed in between it takes none until this has run
    again. Raises TailAtRisk, and leaves the old bank as it was, when the ledger cannot take over
    what the bank has decided; with `lose_tail` that is given up. Raises it also for a bank of
    another installation, unless it is to be taken over. Raises BankAway, and BankBroken when the
    bank has no library and takes none; the epoch begins only when all else is done. `tail_file` is
    the append-only file of a server that is gone: what the ledger lacks of it is recorded first.
    """
    primary = bank.primary_of(club_id)
    _require_library(primary)
    if installation.is_foreign(club_id):
        if not take_over:
            raise TailAtRisk(
                f"The bank of club {club_id} belongs to another installation; see --take-over."
            )
        bank.distrust("", primary.name)
    closed = _close_head(club_id)
    with ExitStack() as undo:
        undo.callback(_reopen_head, club_id, closed)
        if tail_file:
            _take_file(club_id, tail_file)
        try:
            _take_tail(club_id, closed)
        except (TailAtRisk, ledger.JournalBroken) as trouble:
            if not lose_tail:
                raise TailAtRisk(str(trouble)) from trouble
        mark = ledger.watermark(club_id)
        fold = _fold(mark, progress)
        undo.pop_all()
    bank.wipe(club_id, keep=_closed_key(club_id))
    _write(club_id, fold, progress)
    sums = ledger.totals(club_id, upto_seq=mark.seq)
    why = f"rebuild {bank.ask_time_ms(club_id)}"
    raise_epoch(club_id, why, above=closed.epoch if closed else 0)
    mark = ledger.watermark(club_id)
    head = Head(
        epoch=mark.epoch, seq=mark.seq, chain=mark.chain, at_ms=mark.at_ms, issued=sums.issued,
        burned=sums.burned, in_wallets=sums.in_wallets, in_pools=sums.in_pools, house=sums.house,
    )  # fmt: skip
    if not bank.run(bank.start_epoch(club_id, head)):
        raise bank.BankAway(f"club {club_id} was given a head by somebody else; run this again")
    bank.command("UNLINK", _closed_key(club_id))
    installation.claim(club_id)
    return Rebuilt(
        club_id=club_id,
        epoch=mark.epoch,
        seq=mark.seq,
        wallets=len(fold.wallets),
        markets=len(fold.markets),
        positions=sum(map(len, fold.positions.values())),
        bets=sum(map(len, fold.bets.values())),
    )


def _require_library(primary: bank.Primary) -> None:
    bank.load_library(primary)
    if bank.is_foreign(bank.library(primary)):
        raise bank.BankBroken(
            f"another library named {bank.LIBRARY} is loaded: FUNCTION FLUSH, then run this again"
        )


def _closed_key(club_id: int) -> str:
    return f"{bank.Keys(club_id).head}:closed"


def _close_head(club_id: int) -> ClosedHead | None:
    """Put the head aside: without one the bank decides nothing. None if there never was one."""
    if bank.command("EXISTS", bank.Keys(club_id).head):
        bank.command("RENAME", bank.Keys(club_id).head, _closed_key(club_id))
    epoch, seq = bank.command("HMGET", _closed_key(club_id), "epoch", "seq")
    if epoch is None and seq is None:
        return None
    # Rubbish says nothing of where the journal stood.
    return ClosedHead(*(int(told) if told and is_number(told) else 0 for told in (epoch, seq)))


def _reopen_head(club_id: int, closed: ClosedHead | None) -> None:
    if closed is not None:
        bank.command("RENAMENX", _closed_key(club_id), bank.Keys(club_id).head)


def _take_tail(club_id: int, closed: ClosedHead | None) -> None:
    """Record what the journal still holds; without a head it cannot grow."""
    try:
        ledger.record_all(club_id)
    except ledger.JournalBroken as broken:
        # The entries before the break are sound.
        if sound := broken.seq - 1 - ledger.watermark(club_id).seq:
            ledger.record(club_id, sound)
        raise
    mark = ledger.watermark(club_id)
    if closed is not None and closed.seq > mark.seq:
        raise TailAtRisk(
            f"The bank of club {club_id} stood at {closed.seq}, but its journal and the ledger"
            f" end at {mark.seq}."
        )


def _take_file(club_id: int, file: Path) -> None:
    try:
        tail.take(club_id, file)
    except (tail.TailUnreadable, ledger.JournalBroken) as trouble:
        raise TailAtRisk(f"{file} cannot be taken over: {trouble}.") from trouble


def _fold(mark: Watermark, progress: Progress) -> Fold:
    """Every entry up to the watermark, in order."""
    fold = new_fold(mark.club_id, remembered_markets(mark.club_id))
    for entries in ledger.read(mark.club_id, mark.seq):
        for entry in entries:
            fold.add(entry)
        progress("entries read", entries[-1].seq, mark.seq)
    return fold


def _write(club_id: int, fold: Fold, progress: Progress) -> None:
    keys = bank.Keys(club_id)
    _put(keys.wallets, {str(user): str(coins) for user, coins in fold.wallets.items()})
    _put(keys.grants, fold.grants)
    _put(keys.refills, fold.refills)
    for number, market_id in enumerate(fold.markets, start=1):
        _put(keys.market(market_id), fold.market_fields(market_id))
        _put(keys.positions(market_id), fold.position_texts(market_id))
        _put(keys.bets(market_id), fold.bets[market_id])
        progress("markets written", number, len(fold.markets))


def _put(key: str, values: dict[str, str]) -> None:
    for some in chunks(list(values.items()), FIELDS_PER_CALL):
        bank.put(key, dict(some))
