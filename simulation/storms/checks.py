"""What must be true after any harm, told from SQL and from the history of those who bet."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from betting.audit import invariants, reconcile
from betting.models import Epoch, Kind, LedgerEntry, Market, Watermark
from betting.receipts.shapes import Receipt, ReceiptFile
from betting.receipts.verification import GOOD, verify
from rooms.models import Club
from simulation.pool_model import Bet, PoolMarket, Stakes, split_late
from simulation.storms.attempts import REFUSED, Attempt, Told

# Begins what only the comparison with the bank says.
RECONCILE = "reconcile:"
KEPT_BY_A_PAGE = 200
RECORDED_WITHIN_S = 30
PAID_WITHIN_S = 60
ENTRY_FIELDS = {
    "coins": "stake", "wallet_after": "coins", "position_after": "position", "epoch": "epoch",
    "seq": "seq", "at_ms": "at_ms", "chain": "chain", "outcome_id": "outcome",
}  # fmt: skip


def broken(told: Told, *, forgives_epochs: bool = False, has_ended: bool = False) -> Iterator[str]:
    """Sentences about what is wrong; none when all is well.

    `forgives_epochs`: what was answered after the last entry that a new epoch began with may be
    gone. `has_ended`: nobody bets any more, so that every payment must come to its end.
    """
    _wait_for(told.receipts)
    if has_ended:
        yield from unpaid()
    yield from broken_now(told, forgives_epochs=forgives_epochs)


def broken_now(told: Told, *, forgives_epochs: bool = False) -> Iterator[str]:
    """As `broken`, of a ledger that holds already what was answered."""
    yield from invariants.broken()
    yield from broken_receipts(told, given_up(told) if forgives_epochs else frozenset())
    yield from broken_pools()
    yield from broken_bank()
    if not forgives_epochs:
        yield from unverified(told)


def _wait_for(receipts: Iterable[Receipt]) -> None:
    """Let the ledger catch up with what was answered; people who are missing then are told."""
    last = max((each.seq for each in receipts), default=0)
    until_s = time.monotonic() + RECORDED_WITHIN_S
    while time.monotonic() < until_s and not Watermark.objects.filter(seq__gte=last).exists():
        time.sleep(0.1)


def given_up(told: Told) -> frozenset[str]:
    """Bets of which the house says itself that nothing is known since a later epoch began."""
    begun = list(Epoch.objects.values_list("epoch", "after_seq"))
    return frozenset(
        receipt.bet_id
        for receipt in told.receipts
        if any(epoch > receipt.epoch and after < receipt.seq for epoch, after in begun)
    )


def unpaid() -> Iterator[str]:
    """Decided markets whose payment does not end in its time."""
    paying = Market.objects.exclude(decide_seq=None).exclude(status__in=("settled", "void"))
    until_s = time.monotonic() + PAID_WITHIN_S
    while time.monotonic() < until_s and paying.exists():
        time.sleep(0.2)
    for market in paying:
        yield f"Market {market.pk} is decided, and its payment never ended."


def broken_receipts(told: Told, given_up: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every receipt is in the ledger; nothing that was refused is, and nothing that none tried."""
    entries: dict[str, list[LedgerEntry]] = defaultdict(list)
    # A bet may be answered before its host has heard of the market.
    markets = {*told.markets, *(attempt.market for attempt in told.attempts)}
    for entry in LedgerEntry.objects.filter(kind=Kind.BET, market_id__in=markets):
        entries[entry.command].append(entry)
    for attempt in told.attempts:
        found = entries.pop(attempt.bet_id, [])
        if len(found) > 1:
            yield f"Bet {attempt.bet_id} is in the ledger {len(found)} times."
        elif attempt.receipt and attempt.bet_id not in given_up:
            yield from _unlike(attempt.receipt, found)
        elif attempt.ended == REFUSED and found:
            yield f"Bet {attempt.bet_id} was refused and stands as entry {found[0].seq}."
        elif found and not _is_of(attempt, found[0]):
            yield f"Entry {found[0].seq} is another bet than {attempt.bet_id} asked for."
    # People may go on betting after their history was written down.
    standing = [receipt for receipt in told.receipts if receipt.bet_id not in given_up]
    last_seq = max((receipt.seq for receipt in standing), default=0)
    for bet_id, found in entries.items():
        if found[0].seq <= last_seq:
            yield f"Nobody tried bet {bet_id}, and it is in the ledger."


def _unlike(receipt: Receipt, found: list[LedgerEntry]) -> Iterator[str]:
    if not found:
        yield f"The receipt of bet {receipt.bet_id} (entry {receipt.seq}) is not in the ledger."
    for entry in found:
        for field, word in ENTRY_FIELDS.items():
            if getattr(entry, field) != getattr(receipt, word):
                yield (
                    f"Entry {entry.seq} has {field} {getattr(entry, field)}, and its receipt"
                    f" {getattr(receipt, word)}."
                )


def _is_of(attempt: Attempt, entry: LedgerEntry) -> bool:
    asked = (attempt.user, attempt.market, attempt.outcome, attempt.stake)
    return asked == (entry.user_id, entry.market_id, entry.outcome_id, entry.coins)


def broken_pools() -> Iterator[str]:
    """Every market that is done paid what an independent reading of the pool rules says."""
    done = LedgerEntry.objects.filter(kind=Kind.DONE).values_list("market_id", flat=True)
    markets = Market.objects.prefetch_related("outcomes").in_bulk(list(done))
    entries = LedgerEntry.objects.filter(market_id__in=markets).order_by("market_id", "seq")
    for market_id, of_market in groupby(entries, key=lambda entry: entry.market_id):
        yield from _unlike_rules(markets[market_id or 0], list(of_market))


def broken_bank() -> Iterator[str]:
    """What `reconcile --all` finds."""
    for club in Club.objects.all():
        for difference in reconcile.reconcile(club.pk, deep=True).differences:
            yield f"{RECONCILE} {club.slug}, {difference}"


def unverified(told: Told) -> Iterator[str]:
    """Receipts that `verify` does not find to stand, of as many as a page keeps: the newest."""
    newest = sorted(told.receipts, key=lambda receipt: receipt.seq)[-KEPT_BY_A_PAGE:]
    for line in verify(ReceiptFile(receipts=newest)).receipts:
        if line.code not in GOOD:
            yield f"verify: receipt {line.seq}: {line.message}"


def _unlike_rules(market: Market, entries: list[LedgerEntry]) -> Iterator[str]:
    decision = next((each for each in entries if each.kind in (Kind.SETTLE, Kind.VOID)), None)
    if decision is None:
        yield f"Market {market.pk} is done, and nobody decided it."
        return
    pool, late = _read(market, entries, decision)
    status, expected = pool.coins_back()
    paid = _sums(each for each in entries if each.kind in (Kind.PAYOUT, Kind.REFUND))
    for place in {*expected, *late, *paid}:
        right = expected.get(place, 0) + late.get(place, 0)
        if paid.get(place, 0) != right:
            yield (
                f"Market {market.pk} paid user {place[0]} {paid.get(place, 0)} on outcome"
                f" {place[1]}; the rules give {right}."
            )
    if status != market.status:
        yield f"Market {market.pk} is {market.status}; the rules make it {status}."


def _read(
    market: Market, entries: list[LedgerEntry], decision: LedgerEntry
) -> tuple[PoolMarket, Stakes]:
    """The market as the rules know it, and the stakes that came when it had happened."""
    kind: str = "void" if decision.kind == Kind.VOID else "settle"
    winners, _, happened = decision.command.partition("@")
    happened_at_ms = int(happened or 0) if kind == "settle" else 0
    bets = [each for each in entries if each.kind == Kind.BET]
    # The journal's moment is earlier already by what a stream was late.
    counting, late = split_late(map(_bet_of, bets), happened_at_ms)
    pool = PoolMarket(
        outcomes=[outcome.pk for outcome in market.outcomes.all()],
        min_stake=market.min_stake_coins, max_stake=market.max_stake_coins or 0,
        hedging=market.hedging, takeout_bp=market.takeout_bp, min_bettors=market.min_bettors,
        stakes=counting,
        decision=(kind, tuple(map(int, winners.split("."))) if kind == "settle" else ()),
    )  # fmt: skip
    return pool, late


def _bet_of(entry: LedgerEntry) -> Bet:
    return entry.user_id or 0, entry.outcome_id or 0, entry.coins, entry.at_ms


def _sums(entries: Iterable[LedgerEntry]) -> Stakes:
    sums: Stakes = {}
    for each in entries:
        place = (each.user_id or 0, each.outcome_id or 0)
        sums[place] = sums.get(place, 0) + each.coins
    return sums


def read(text: bytes) -> Told:
    """A history as `History.save` writes it. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(text, type=Told)
