"""Comparisons of what SQL shows beside the ledger: every column of markets, payments, people.

The bank is not asked. Each runs while nothing is recorded, a few milliseconds for each chunk.
"""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy

from accounts.models import User
from betting import ledger, payouts
from betting.audit.comparisons.differences import Difference, still, unequal, wallets_in_ledger
from betting.bank.values import Entry, read_decision
from betting.ledger.market_projection import UNBEGUN, fold_anew, settlement_of
from betting.models import Kind, LedgerEntry, Market, Outcome, Wallet

# Holds raise the version, and somebody may have been erased since.
_NOT_COMPARED = frozenset({"version", "decided_by_id", "settlement", "coins", "bettors"})


def audit_watermark(club_id: int) -> list[Difference]:
    """The watermark stands at the last entry, with its chain and time."""
    with still(club_id) as mark:
        last = LedgerEntry.objects.filter(club=club_id).order_by("-seq").first()
    if last is None:
        return unequal("the watermark", mark.seq, 0, side="sql")
    stands = [mark.seq, mark.chain, mark.at_ms]
    return unequal("the watermark", stands, [last.seq, last.chain, last.at_ms], side="sql")


def audit_shown_wallets(club_id: int) -> list[Difference]:
    """Wallets of SQL against the ledger, and that their people are there."""
    with still(club_id):
        shown = dict(Wallet.objects.filter(club=club_id).values_list("user_id", "coins"))
        sums = wallets_in_ledger(club_id)
    known = set(User.objects.values_list("pk", flat=True))
    found = []
    for user in sorted(sums.keys() | shown.keys()):
        coins = sums.get(user, 0)
        found += unequal(f"wallet of user {user} in SQL", shown.get(user, 0), coins, side="sql")
        if coins and user not in known:
            found += unequal(f"user {user}, who holds coins,", "missing", coins, side="sql")
    return found


def audit_records(club_id: int, market_ids: Sequence[int]) -> list[Difference]:
    """Every column of markets and outcomes, as their entries make it; payments, as the rules do."""
    with still(club_id):
        markets = Market.objects.in_bulk(market_ids)
        outcomes: defaultdict[int, dict[int, Outcome]] = defaultdict(dict)
        for outcome in Outcome.objects.filter(market__in=market_ids).order_by("pk"):
            outcomes[outcome.market_id][outcome.pk] = outcome
        entries: defaultdict[int, list[Entry]] = defaultdict(list)
        for entry in ledger.entries(club_id, market_id__in=market_ids):
            if entry.kind not in (Kind.GRANT, Kind.BURN):
                entries[entry.market_id or 0].append(entry)
    found = []
    for market in markets.values():
        try:
            found += _compare_columns(market, outcomes[market.pk], entries[market.pk])
            found += _compare_payment(market, entries[market.pk])
        except ValueError as error:
            what = f"an entry of market {market.pk}"
            found.append(Difference(what, str(error), "nothing like it", market.pk, "ledger"))
    return found


def _compare_columns(
    market: Market, outcomes: dict[int, Outcome], entries: Sequence[Entry]
) -> list[Difference]:
    pk, expected = market.pk, copy(market)
    folded = fold_anew(expected, outcomes, entries)
    found = []
    for name in UNBEGUN.keys() - _NOT_COMPARED:
        figures = getattr(market, name), getattr(expected, name)
        found += unequal(f"{name} of market {pk} in SQL", *figures, pk, side="sql")
    for outcome in outcomes.values():
        won = folded[outcome.pk].won
        found += unequal(f"won of outcome {outcome.pk} in SQL", outcome.won, won, pk, side="sql")
    if expected.is_final:
        moves = [(entry.kind, entry.command, entry.coins) for entry in entries]
        told = settlement_of(expected, folded.values(), moves)
        # Names change; the settlement keeps the one of then.
        shown = {**(market.settlement or {}), "by": None}
        found += unequal(
            f"settlement of market {pk} in SQL", shown, {**told, "by": None}, pk, "sql"
        )
    return found


def _compare_payment(market: Market, entries: Sequence[Entry]) -> list[Difference]:
    """What was paid is what the rules give for these bets, this decision, this takeout."""
    if not any(entry.kind == Kind.DONE for entry in entries):
        return []
    found = []
    decision = next(entry for entry in entries if entry.kind in (Kind.SETTLE, Kind.VOID))
    if decision.kind == Kind.VOID:
        settlement = payouts.call_off(_stakes(entries, None), reason=decision.command)
    else:
        winners, happened_at_ms = read_decision(decision.command)
        settlement = payouts.settle(
            _stakes(entries, happened_at_ms),
            winners=winners,
            takeout_bp=market.takeout_bp,
            min_bettors=market.min_bettors,
        )
    takeout = sum(entry.coins for entry in entries if entry.kind == Kind.TAKEOUT)
    of = f"of market {market.pk}"
    found += unequal(
        f"takeout {of} by its rules in SQL", settlement.takeout_coins, takeout, market.pk, "sql"
    )
    paid = {
        entry.command.partition(":")[0]
        for entry in entries
        if entry.kind in (Kind.PAYOUT, Kind.REFUND)
    }
    name = payouts.settlement_id(settlement.items)
    if paid:
        found += unequal(f"payments {of} by its rules in SQL", {name}, paid, market.pk, "sql")
    return found


def _stakes(entries: Sequence[Entry], before_ms: int | None) -> list[payouts.Stake]:
    """All bets, added up by user and outcome, those at or after a time apart as late."""
    coins: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in entries:
        if entry.kind == Kind.BET:
            sums = coins[entry.user_id or 0, entry.outcome_id or 0]
            if before_ms is not None and entry.at_ms >= before_ms:
                sums[2] += entry.coins
            else:
                sums[0] += entry.coins
                sums[1] = sums[1] or entry.seq
    return [
        payouts.Stake(
            user_id=user, outcome_id=outcome, coins=counting, first_seq=first_seq, late_coins=late
        )
        for (user, outcome), (counting, first_seq, late) in coins.items()
    ]
