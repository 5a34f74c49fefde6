"""Verdicts: the results of each club's last comparisons, kept for operators until the next.

A quick one compares totals, a deep one every entry, wallet, position and market. They are kept
apart, so that a quick one that is green hides nothing that a deep one found.
"""

import contextlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from betting.audit import reconcile
from betting.audit.comparisons.differences import Difference
from betting.bank.values import Head
from web.live.live_redis import LiveAway, ask
from web.times import now_ms

SHOWN_MAX = 50
# Neither has an end; they hold no more than there are clubs.
VERDICTS = "ringside:verdicts"
WANTED = "ringside:wanted"

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
    """Keep the verdict of a comparison; without the live instance nothing is kept."""
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
        ask([("HSET", VERDICTS, _field(report.club_id, kind), msgspec.json.encode(verdict))])


def last(club_ids: Sequence[int], kind: Kind) -> dict[int, Verdict]:
    """The last verdict on each of these clubs that has one. Raises LiveAway."""
    if not club_ids:
        return {}
    [texts] = ask([("HMGET", VERDICTS, *(_field(club_id, kind) for club_id in club_ids))])
    kept = zip(club_ids, texts, strict=True)
    return {club: msgspec.json.decode(text, type=Verdict) for club, text in kept if text}


def want(club_id: int) -> None:
    """Ask the clock to compare everything of a club. Raises LiveAway."""
    ask([("SADD", WANTED, club_id)])


def take_wanted() -> set[int]:
    """The clubs for which that was asked; they are no longer asked for. Raises LiveAway."""
    club_ids, _removed = ask([("SMEMBERS", WANTED), ("DEL", WANTED)])
    return {int(club_id) for club_id in club_ids}


def _field(club_id: int, kind: Kind) -> str:
    return f"{club_id}:{kind}"


def _as_text(difference: Difference) -> Found:
    told = (difference.what, str(difference.found), str(difference.ledger))
    return Found(*told, difference.market_id)
