"""Says of receipts and anchors that somebody kept whether the ledger still holds them.

A chain value stands for its entry and all before it. So a bet that was taken out of the ledger, its
chain recomputed, shows in the bet's own receipt and in every later receipt and anchor.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from betting import bank
from betting.models import Anchor, Epoch, Kind, LedgerEntry, Watermark
from betting.receipts import chains, signing
from betting.receipts.shapes import Judged, KeptAnchor, Receipt, ReceiptFile, VerifyAnswer
from rooms.models import Club
from web.parsing import given
from web.rows.chunks import chunks

# What was answered is in the ledger after a second or two; patience for a database that was away.
RECORDED_WITHIN_MS = 60_000
ROWS_PER_READ = 1_000
# The codes by which the house kept its word.
GOOD = {"stands", "not_yet"}


def verify(kept: ReceiptFile, entries_max: int | None = None) -> VerifyAnswer:
    """What the ledger says of each receipt and anchor, in their order.

    With `entries_max` at most so many entries of the chain are read to lead from an anchor to a
    receipt; what is left is said without.
    """
    told: list[Receipt | KeptAnchor] = [*kept.receipts, *kept.anchors]
    clubs = Club.objects.filter(slug__in={each.club for each in told})
    books = {club.slug: _Book(club, told) for club in clubs}
    walk = chains.Walk(entries_max)
    receipts = [_judge(books.get(each.club), each, walk) for each in kept.receipts]
    return VerifyAnswer(
        receipts=receipts,
        anchors=[_judge_anchor(books.get(each.club), each) for each in kept.anchors],
    )


class _Book:
    """The ledger of a club, as far as receipts and anchors of a file speak of it."""

    def __init__(self, club: Club, kept: Sequence[Receipt | KeptAnchor]) -> None:
        self.club = club
        self.mark = Watermark.objects.filter(pk=club.pk).first() or Watermark(club=club)
        self._anchors = list(Anchor.objects.filter(club=club).order_by("seq"))
        self._epochs = list(Epoch.objects.filter(club=club).order_by("epoch"))
        mine = [each for each in kept if each.club == club.slug]
        self.last_seq = max((each.seq for each in mine), default=0)
        told = [*self._anchors, *mine]
        self.entries = self._read({each.seq for each in told})
        points = {(each.seq, each.at_ms) for each in told if self.holds(each.seq, each.chain)}
        known = sorted(points)
        self._known_seqs = [seq for seq, _ in known]
        self._known_until_ms = list(accumulate((at_ms for _, at_ms in known), max))

    def _read(self, seqs: Collection[int]) -> dict[int, LedgerEntry]:
        rows = LedgerEntry.objects.filter(club=self.club)
        parts = chunks(sorted(seqs), ROWS_PER_READ)
        return {entry.seq: entry for part in parts for entry in rows.filter(seq__in=part)}

    def holds(self, seq: int, chain: str) -> bool:
        """Whether the ledger's entry has this value; of entries that the file speaks of."""
        return seq in self.entries and self.entries[seq].chain == chain

    def anchor_before(self, seq: int) -> Anchor | None:
        """The last anchor published up to an entry."""
        at = bisect_right(self._anchors, seq, key=lambda anchor: anchor.seq)
        return self._anchors[at - 1] if at else None

    def known_until(self, seq: int) -> int | None:
        """When the last entry before this one was told that the ledger still holds."""
        at = bisect_left(self._known_seqs, seq)
        return self._known_until_ms[at - 1] if at else None

    def epoch_after(self, receipt: Receipt) -> Epoch | None:
        """The epoch that began without this receipt's entry."""
        for epoch in self._epochs:
            if epoch.epoch > receipt.epoch and epoch.after_seq < receipt.seq:
                return epoch
        return None


def _judge(book: _Book | None, receipt: Receipt, walk: chains.Walk) -> Judged:
    signed = _is_signed(receipt)
    if book is None:
        sentence = _("This house has no club of that name.")
        judged = _say(receipt, "not_known", sentence)
    elif book.holds(receipt.seq, receipt.chain):
        judged = _judge_found(book, receipt, walk)
    else:
        judged = _judge_missing(book, receipt)
    judged.signed = signed
    if signed is not None:
        judged.message += " " + (
            _("The house signed this receipt.")
            if signed
            else _("The signature is not this house's.")
        )
    return judged


def _is_signed(receipt: Receipt) -> bool | None:
    """Whether the signature is ours; None without one. A key or a signature alone signs nothing."""
    fields = msgspec.structs.asdict(receipt)
    key_id, signature = given(fields.pop("key")), given(fields.pop("signature"))
    if key_id is None and signature is None:
        return None
    if key_id is None or signature is None:
        return False
    return signing.is_signed(fields, key_id, signature)


def _judge_found(book: _Book, receipt: Receipt, walk: chains.Walk) -> Judged:
    entry = book.entries[receipt.seq]
    unlike = _unlike(entry, receipt)
    if unlike:
        sentence = _("The ledger holds this entry, but with another %(fields)s: %(figures)s.") % {
            "fields": ", ".join(unlike), "figures": ", ".join(map(str, unlike.values())),
        }  # fmt: skip
        return _say(receipt, "altered", sentence)
    anchor = book.anchor_before(receipt.seq)
    led = walk.lead(book.club.pk, anchor, receipt.seq, last_seq=book.last_seq)
    if led.broken_at is not None:
        sentence = _("It stands in the ledger, but the chain is broken at entry %(seq)s.") % {
            "seq": led.broken_at
        }
        return _say(receipt, "broken", sentence, book.known_until(led.broken_at))
    return _say(receipt, "stands", _led_words(receipt, led))


def _led_words(receipt: Receipt, led: chains.Led) -> str:
    stands = _("It stands in the ledger as entry %(seq)s.") % {"seq": receipt.seq}
    if not led.is_walked:
        return f"{stands} " + _("The chain to it is too long to be walked here.")
    if led.anchor is None:
        way = _("The chain from the first entry leads to it.")
    else:
        way = _("The chain from the anchor of %(time)s leads to it.") % {
            "time": _moment(led.anchor.at_ms)
        }
    return f"{stands} {way}"


def _judge_missing(book: _Book, receipt: Receipt) -> Judged:
    begun = book.epoch_after(receipt)
    if begun is not None:
        sentence = _(
            "It is not known since %(time)s: then epoch %(epoch)s began after entry %(seq)s."
        ) % {"time": _moment(begun.at_ms), "epoch": begun.epoch, "seq": begun.after_seq}
        return _say(receipt, "not_known", sentence, begun.at_ms)
    elsewhere = LedgerEntry.objects.filter(
        club=book.club, kind=Kind.BET, market_id=receipt.market, command=receipt.bet_id
    ).first()
    is_late = bank.ask_time_ms() - receipt.at_ms > RECORDED_WITHIN_MS
    if elsewhere is None and receipt.seq > book.mark.seq and not is_late:
        return _say(receipt, "not_yet", _("It is not recorded yet. Ask again in a minute."))
    since_ms = book.known_until(receipt.seq)
    since = (
        _("Up to %(time)s the ledger is known to be as it was.") % {"time": _moment(since_ms)}
        if since_ms is not None
        else _("Nothing before it is known to be as it was.")
    )
    if elsewhere is None:
        sentence = _("The ledger does not know this bet.")
        return _say(receipt, "not_known", f"{sentence} {since}", since_ms)
    sentence = _(
        "The ledger holds this bet as entry %(seq)s with another chain: it was changed after the"
        " bet was answered, there or before."
    ) % {"seq": elsewhere.seq}
    return _say(receipt, "differs", f"{sentence} {since}", since_ms)


def _unlike(entry: LedgerEntry, receipt: Receipt) -> dict[str, Any]:
    """The figures of an entry that a receipt with its chain tells otherwise."""
    held = {
        "bet_id": entry.command, "market": entry.market_id, "outcome": entry.outcome_id,
        "stake": entry.coins, "coins": entry.wallet_after, "position": entry.position_after,
        "epoch": entry.epoch, "at_ms": entry.at_ms,
    }  # fmt: skip
    if entry.kind != Kind.BET:
        return {"kind": entry.kind}
    return {name: figure for name, figure in held.items() if getattr(receipt, name) != figure}


def _judge_anchor(book: _Book | None, anchor: KeptAnchor) -> Judged:
    if book is None:
        return _say(anchor, "not_known", _("This house has no club of that name."))
    if book.holds(anchor.seq, anchor.chain):
        return _say(anchor, "stands", _("The ledger still has this value at entry %(seq)s.") % {
            "seq": anchor.seq
        })  # fmt: skip
    since_ms = book.known_until(anchor.seq)
    sentence = _(
        "The ledger has another value at entry %(seq)s: it was changed after the anchor was"
        " published, there or before."
    ) % {"seq": anchor.seq}
    return _say(anchor, "differs", sentence, since_ms)


def _say(
    told: Receipt | KeptAnchor, code: str, sentence: str, since_ms: int | None = None
) -> Judged:
    return Judged(club=told.club, seq=told.seq, code=code, message=sentence, since_ms=since_ms)


def _moment(at_ms: int) -> str:
    """A time as everybody reads it, wherever they are."""
    try:
        return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return str(at_ms)
