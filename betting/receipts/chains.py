"""Walks the chain of a ledger from a published anchor to an entry, link by link."""

from collections.abc import Iterator
from dataclasses import dataclass

from betting import ledger
from betting.bank.values import Entry
from betting.models import Anchor, LedgerEntry


@dataclass(frozen=True, slots=True)
class Led:
    """How the chain leads to an entry: from which anchor (None: from the first entry on).

    `broken_at` is the first entry that does not follow from the one before.
    """

    anchor: Anchor | None
    is_walked: bool = True
    broken_at: int | None = None


@dataclass(slots=True)
class _Way:
    """The chain from an anchor on, as far as it was walked."""

    entries: Iterator[Entry]
    at: int
    chain: str
    broken_at: int | None = None


class Walk:
    """Walks for the receipts of one file, at most `entries_max` entries together."""

    def __init__(self, entries_max: int | None) -> None:
        self._left = entries_max
        # By club and the entry where it begins.
        self._ways: dict[tuple[int, int], _Way] = {}

    def lead(self, club_id: int, anchor: Anchor | None, seq: int, *, last_seq: int) -> Led:
        """Walk from the last anchor before it, or the first entry, up to `seq`.

        No later call asks for an entry behind `last_seq`, so that entries are read in chunks.
        """
        start = anchor.seq if anchor else 0
        way = self._ways.get((club_id, start))
        if way is None:
            way = self._ways[club_id, start] = _begin(club_id, anchor, last_seq)
        if way.broken_at is None and seq > way.at:
            if self._left is not None:
                if seq - way.at > self._left:
                    return Led(anchor, is_walked=False)
                self._left -= seq - way.at
            _walk(way, seq)
        is_broken = way.broken_at is not None and way.broken_at <= seq
        return Led(anchor, broken_at=way.broken_at if is_broken else None)


def _begin(club_id: int, anchor: Anchor | None, last_seq: int) -> _Way:
    start, chain = (anchor.seq, anchor.chain) if anchor else (0, "")
    chunks = ledger.read(club_id, last_seq, after_seq=start)
    way = _Way((entry for chunk in chunks for entry in chunk), start, chain)
    if anchor and not LedgerEntry.objects.filter(club=club_id, seq=start, chain=chain).exists():
        way.broken_at = start
    return way


def _walk(way: _Way, seq: int) -> None:
    for entry in way.entries:
        if entry.seq != way.at + 1 or entry.chain != entry.link(way.chain):
            way.broken_at = way.at + 1
            return
        way.at, way.chain = entry.seq, entry.chain
        if way.at == seq:
            return
