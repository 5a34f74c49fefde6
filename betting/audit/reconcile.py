"""Reconciling: compares the bank, the ledger and its projections.

A difference counts only when a second read finds the very same figures again, so that what
merely moved between two reads is none.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from django.db.models import Count

from betting import bank, ledger
from betting.audit.comparisons.bank_memory import compare_bank, new_fold
from betting.audit.comparisons.differences import (
    MARKETS_PER_CHUNK,
    ROWS_PER_CHUNK,
    Difference,
    Progress,
    audit_chain,
    confirmed,
    silent,
    unequal,
)
from betting.audit.comparisons.market_comparisons import (
    audit_lost_markets,
    audit_markets,
    audit_positions,
    unlike_positions,
)
from betting.audit.comparisons.record_comparisons import (
    audit_records,
    audit_shown_wallets,
    audit_watermark,
)
from betting.bank.values import Head
from betting.ledger.market_projection import project_hold
from betting.models import Kind, LedgerEntry, Market, Wallet
from web.rows.chunks import chunks

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


def reconcile(club_id: int, *, deep: bool = False, progress: Progress = silent) -> Report:
    """Compare the totals of a club; with `deep` the chain and every wallet, position and market.

    Changes nothing but records what the journal holds. Costs a scan of the ledger; bets go on.
    Raises BankAway.
    """
    report = Report(club_id, _readable_head(club_id))
    report.differences += confirmed(_compare_totals, club_id)
    if deep and not report.differences:
        # The ledger is long, so one reading serves both.
        moves = new_fold(club_id, {})
        report.differences += audit_chain(club_id, progress, moves.add)
        report.differences += compare_bank(club_id, progress, moves if report.is_green else None)
        _compare_shown(report, progress)
    return report


def _readable_head(club_id: int) -> Head | None:
    with suppress(bank.BankBroken):
        return bank.find_head(club_id)
    return None


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
    mark = ledger.watermark(club_id)
    try:
        head = bank.find_head(club_id)
    except bank.BankBroken as broken:
        return [Difference("the bank's head", str(broken), mark.seq)]
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
    told = (last.chain, last.at_ms) if last else ("", 0)
    found += unequal("the bank's chain", head.chain, told[0])
    found += unequal("the bank's time of its last entry", head.at_ms, told[1])
    return found


def _compare_shown(report: Report, progress: Progress) -> None:
    """What SQL shows, all of it, against the ledger."""
    club_id = report.club_id
    report.wallets = Wallet.objects.filter(club=club_id).count()
    progress("wallets", report.wallets, report.wallets)
    markets = Market.objects.filter(room__club_id=club_id).order_by("pk")
    numbers = list(markets.values_list("pk", flat=True))
    found = confirmed(audit_watermark, club_id) + confirmed(audit_shown_wallets, club_id)
    found += confirmed(audit_lost_markets, club_id)
    for some in chunks(numbers, MARKETS_PER_CHUNK):
        found += confirmed(audit_markets, club_id, some)
        found += confirmed(audit_records, club_id, some)
        for market_id in some:
            found += _compare_positions(report, market_id)
        report.markets += len(some)
        progress("markets", report.markets, len(numbers))
    # Of the bank's side all was said before.
    report.differences += [each for each in found if each.side != "bank"]


def _compare_positions(report: Report, market_id: int) -> list[Difference]:
    users = unlike_positions(market_id)
    bets = LedgerEntry.objects.filter(market_id=market_id, kind=Kind.BET)
    report.positions += bets.aggregate(people=Count("user_id", distinct=True))["people"]
    found = []
    for some in chunks(users, ROWS_PER_CHUNK):
        found += confirmed(audit_positions, report.club_id, market_id, some)
    return found
