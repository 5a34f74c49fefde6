"""What the last comparisons of each club found, kept for operators until the next.

A quick one compares totals, a deep one every entry, wallet, position and market. They are kept
apart, so that a quick one that is green hides nothing that a deep one found.
"""

import contextlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from betting.audit import reconcile
from betting.audit.comparisons import Difference
from betting.bank.values import Head
from rooms import house
from web.live_redis import LiveAway
from web.times import now_ms

SHOWN_MAX = 50

Kind = Literal["quick", "deep"]


class Found(msgspec.Struct, frozen=True):
    """One difference, as text."""

    what: str
    found: str
    ledger: str
    market_id: int | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison of a club that ended at `at_ms`; the first 50 of its differences."""

    at_ms: int
    took_ms: int
    epoch: int
    seq: int
    issued: int
    burned: int
    in_wallets: int
    in_pools: int
    house: int
    wallets: int
    markets: int
    count: int
    differences: list[Found]

    @property
    def is_green(self) -> bool:
        return self.count == 0


def keep(report: reconcile.Report, kind: Kind, took_ms: int) -> None:
    """Keep what was found; without the live instance nothing is kept."""
    head = report.head or Head.fresh(epoch=0)
    verdict = Verdict(
        at_ms=now_ms(),
        took_ms=took_ms,
        epoch=head.epoch,
        seq=head.seq,
        issued=head.issued,
        burned=head.burned,
        in_wallets=head.in_wallets,
        in_pools=head.in_pools,
        house=head.house,
        wallets=report.wallets,
        markets=report.markets,
        count=len(report.differences),
        differences=[_as_text(difference) for difference in report.differences[:SHOWN_MAX]],
    )
    with contextlib.suppress(LiveAway):
        house.keep_verdict(report.club_id, kind, msgspec.json.encode(verdict).decode())


def last(club_ids: Sequence[int], kind: Kind) -> dict[int, Verdict]:
    """The last verdict on each of these clubs that has one. Raises LiveAway."""
    kept = zip(club_ids, house.verdicts(club_ids, kind), strict=True)
    return {club: msgspec.json.decode(text, type=Verdict) for club, text in kept if text}


def _as_text(difference: Difference) -> Found:
    told = (difference.what, str(difference.found), str(difference.ledger))
    return Found(*told, difference.market_id)
