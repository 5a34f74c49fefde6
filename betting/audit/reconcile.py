"""Reconciling: compares the bank, the ledger and its projections.

A difference counts only when a second read finds the very same figures again, so that what
merely moved between two reads is none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from betting import bank, ledger
from betting.audit.comparisons import (
    MARKETS_PER_CHUNK,
    ROWS_PER_CHUNK,
    Difference,
    Progress,
    audit_chain,
    audit_wallets,
)
from betting.audit.market_comparisons import audit_markets, audit_positions
from betting.bank.values import Head
from betting.ledger.market_projection import project_hold
from betting.models import Kind, LedgerEntry, Market, Position, Wallet
from web.chunks import chunks

_TOTALS = ("issued", "burned", "in_wallets", "in_pools", "house")


@dataclass(slots=True)
class Report:
    """The comparison of a club, and its differences; `head` is None where there is no bank."""

    club_id: int
    head: Head | None
    wallets: int = 0
    markets: int = 0
    positions: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        return not self.differences


def silent(what: str, done: int, of: int) -> None:
    """Report no progress."""


def reconcile(club_id: int, *, deep: bool = False, progress: Progress = silent) -> Report:
    """Compare the totals of a club; with `deep` the chain and every wallet, position and market.

    Changes nothing but records what the journal holds. Costs a scan of the ledger; bets go on.
    Raises BankAway.
    """
    report = Report(club_id, bank.find_head(club_id))
    report.differences += confirmed(_compare_totals, club_id)
    if deep and not report.differences:
        report.differences += audit_chain(club_id, progress)
        _compare_wallets(report, progress)
        _compare_markets(report, progress)
    return report


def confirmed(compare: Callable[..., list[Difference]], *subject: Any) -> list[Difference]:
    """The differences that a comparison finds twice, with the very same figures."""
    first = compare(*subject)
    return [found for found in compare(*subject) if found in first] if first else []


def hold(report: Report) -> Iterator[int]:
    """Freeze the markets that differ, or every undecided one when it is not one market's matter.

    Yields each market's number when it is frozen. Frozen markets take no bets and pay nothing until
    an operator lets them go on. Raises BankAway or BankFull on the way.
    """
    named = {difference.market_id for difference in report.differences}
    undecided = Market.objects.filter(room__club_id=report.club_id, status__in=("open", "locked"))
    market_ids = sorted(
        undecided.values_list("pk", flat=True) if None in named else (n for n in named if n)
    )
    for market_id in market_ids:
        state = bank.run(bank.freeze(report.club_id, market_id, True))
        if not isinstance(state, bank.Denied):
            project_hold(state)
            yield market_id


def _compare_totals(club_id: int) -> list[Difference]:
    mark, head = ledger.watermark(club_id), bank.find_head(club_id)
    if head is None:
        return [Difference("the bank's head", "missing", mark.seq)] if mark.seq else []
    if (head.epoch, head.seq) < (mark.epoch, mark.seq) or head.epoch != mark.epoch:
        at = f"{mark.epoch}-{mark.seq}"
        return [Difference("the bank's last entry", f"{head.epoch}-{head.seq}", at)]
    try:
        ledger.wait_for(club_id, head.seq)
    except ledger.JournalBroken as broken:
        return [Difference("the journal", str(broken), ledger.watermark(club_id).seq)]
    sums = ledger.totals(club_id, upto_seq=head.seq)
    last = LedgerEntry.objects.filter(club_id=club_id, seq=head.seq).first()
    found = [
        Difference(f"the bank's total {name}", getattr(head, name), getattr(sums, name))
        for name in _TOTALS
        if getattr(head, name) != getattr(sums, name)
    ]
    if head.chain != (last.chain if last else ""):
        found.append(Difference("the bank's chain", head.chain, last.chain if last else ""))
    return found


def _compare_wallets(report: Report, progress: Progress) -> None:
    club_id = report.club_id
    moved = LedgerEntry.objects.filter(club_id=club_id, user_id__isnull=False)
    in_ledger = set(moved.exclude(wallet_after=None).values_list("user_id", flat=True).distinct())
    in_sql = set(Wallet.objects.filter(club_id=club_id).values_list("user_id", flat=True))
    users = sorted(user for user in in_ledger | in_sql if user is not None)
    for chunk in chunks(users, ROWS_PER_CHUNK):
        report.differences += confirmed(audit_wallets, club_id, chunk)
        report.wallets += len(chunk)
        progress("wallets", report.wallets, len(users))
    report.differences += confirmed(_compare_number_of_wallets, club_id)


def _compare_number_of_wallets(club_id: int) -> list[Difference]:
    in_bank = int(bank.command("HLEN", bank.Keys(club_id).wallets))
    ledger.record_all(club_id)
    in_sql = Wallet.objects.filter(club_id=club_id).count()
    if in_bank == in_sql:
        return []
    return [Difference("number of wallets in the bank", in_bank, in_sql)]


def _compare_markets(report: Report, progress: Progress) -> None:
    club_id = report.club_id
    markets = list(
        Market.objects.filter(room__club_id=club_id).order_by("pk").values_list("pk", flat=True)
    )
    for chunk in chunks(markets, MARKETS_PER_CHUNK):
        report.differences += confirmed(audit_markets, club_id, chunk)
    for market_id in markets:
        _compare_positions(report, market_id)
        report.markets += 1
        progress("markets", report.markets, len(markets))


def _compare_positions(report: Report, market_id: int) -> None:
    bets = LedgerEntry.objects.filter(market_id=market_id, kind=Kind.BET).order_by()
    shown = Position.objects.filter(market_id=market_id).order_by()
    users = {*bets.values_list("user_id", flat=True), *shown.values_list("user_id", flat=True)}
    for chunk in chunks(sorted(user for user in users if user is not None), ROWS_PER_CHUNK):
        report.differences += confirmed(audit_positions, report.club_id, market_id, chunk)
        report.positions += len(chunk)
