"""Walks the chain of a ledger from a published anchor to an entry, link by link."""

from dataclasses import dataclass

from betting import ledger
from betting.models import Anchor, LedgerEntry


@dataclass(frozen=True, slots=True)
class Led:
    """How the chain leads to an entry: from which anchor (None: from the first entry on).

    `broken_at` is the first entry that does not follow from the one before.
    """

    anchor: Anchor | None
    is_walked: bool = True
    broken_at: int | None = None


class Walk:
    """Walks for the receipts of one file, at most `entries_max` entries together."""

    def __init__(self, entries_max: int | None) -> None:
        self._left = entries_max
        # Club and anchor → up to where its chain was walked, the value there, where it broke.
        self._walked: dict[tuple[int, int], tuple[int, str, int | None]] = {}

    def lead(self, club_id: int, seq: int) -> Led:
        """Walk from the last anchor published up to `seq`."""
        anchor = Anchor.objects.filter(club=club_id, seq__lte=seq).order_by("-seq").first()
        start = anchor.seq if anchor else 0
        at, chain, broken_at = self._walked.get((club_id, start), (start, "", None))
        if at == start and anchor is not None:
            chain = anchor.chain
            holds = LedgerEntry.objects.filter(club=club_id, seq=start, chain=chain).exists()
            broken_at = None if holds else start
        if broken_at is None and seq > at:
            if self._left is not None:
                if seq - at > self._left:
                    return Led(anchor, is_walked=False)
                self._left -= seq - at
            for entry in ledger.entries(club_id, seq__gt=at, seq__lte=seq):
                if entry.seq != at + 1 or entry.chain != entry.link(chain):
                    broken_at = at + 1
                    break
                at, chain = entry.seq, entry.chain
        self._walked[club_id, start] = (at, chain, broken_at)
        return Led(anchor, broken_at=broken_at if broken_at and broken_at <= seq else None)
