"""What a storm checks names a ledger that does not keep its word, and nothing else."""

import msgspec
import pytest

from betting.models import Epoch, Kind, LedgerEntry
from betting.receipts.shapes import Receipt
from betting.tests.scenario import Scenario, play
from simulation.storms import checks
from simulation.storms.attempts import OK, REFUSED, Attempt, Told

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Told:
    """The history of people who made every bet of an evening with a payment and a refund."""
    play(Scenario())
    return Told(
        attempts=[attempt_of(entry) for entry in LedgerEntry.objects.filter(kind=Kind.BET)],
        markets=list(LedgerEntry.objects.values_list("market_id", flat=True).distinct()),
    )


def attempt_of(entry: LedgerEntry) -> Attempt:
    receipt = Receipt(
        bet_id=entry.command, market=entry.market_id or 0, outcome=entry.outcome_id or 0,
        stake=entry.coins, coins=entry.wallet_after or 0, position=entry.position_after or 0,
        epoch=entry.epoch, seq=entry.seq, at_ms=entry.at_ms, chain=entry.chain,
    )  # fmt: skip
    return Attempt(
        bet_id=entry.command, user=entry.user_id or 0, market=receipt.market,
        outcome=receipt.outcome, stake=entry.coins, ended=OK, receipt=receipt,
    )  # fmt: skip


def with_receipt(attempt: Attempt, **fields: int) -> None:
    assert attempt.receipt
    attempt.receipt = msgspec.structs.replace(attempt.receipt, **fields)


def test_it_finds_nothing_where_every_receipt_stands(told: Told) -> None:
    assert list(checks.broken(told)) == []


def test_it_knows_bets_on_markets_that_no_host_has_named_yet(told: Told) -> None:
    told.markets.clear()
    assert list(checks.broken_receipts(told)) == []


def test_it_names_a_payment_that_does_not_end(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PAID_WITHIN_S", 0)
    [sentence] = checks.broken(told, has_ended=True)
    assert "never ended" in sentence


def test_it_names_a_receipt_that_is_not_in_the_ledger(told: Told) -> None:
    missing = told.attempts[0]
    LedgerEntry.objects.filter(command=missing.bet_id).delete()
    [sentence] = checks.broken_receipts(told)
    assert missing.bet_id in sentence and "not in the ledger" in sentence


def test_it_forgives_only_what_a_later_epoch_says_may_be_gone(told: Told) -> None:
    last = max(told.receipts, key=lambda receipt: receipt.seq)
    entry = LedgerEntry.objects.get(command=last.bet_id)
    Epoch.objects.create(club_id=entry.club_id, epoch=2, after_seq=last.seq - 1, at_ms=1, why="x")
    LedgerEntry.objects.filter(pk=entry.pk).delete()
    assert list(checks.broken_receipts(told, checks.given_up(told))) == []
    LedgerEntry.objects.filter(command=told.attempts[0].bet_id).delete()
    assert len(list(checks.broken_receipts(told, checks.given_up(told)))) == 1


def test_it_forgives_bets_that_got_the_seqs_of_those_that_are_gone(told: Told) -> None:
    *_, before, last = sorted(told.receipts, key=lambda receipt: receipt.seq)
    entry = LedgerEntry.objects.get(command=last.bet_id)
    Epoch.objects.create(
        club_id=entry.club_id, epoch=2, after_seq=before.seq, at_ms=1, why="rebuild 1"
    )
    # People went on betting after the history was written down.
    LedgerEntry.objects.filter(pk=entry.pk).update(command="later", epoch=2)
    assert list(checks.broken_receipts(told, checks.given_up(told))) == []


def test_it_names_a_receipt_of_other_coins(told: Told) -> None:
    with_receipt(told.attempts[0], coins=1)
    [sentence] = checks.broken_receipts(told)
    assert "wallet_after" in sentence


def test_it_names_a_refused_bet_that_stands(told: Told) -> None:
    told.attempts[0].ended, told.attempts[0].receipt = REFUSED, None
    [sentence] = checks.broken_receipts(told)
    assert "was refused" in sentence


def test_it_names_a_bet_that_nobody_tried(told: Told) -> None:
    tried = told.attempts.pop(0)
    [sentence] = checks.broken_receipts(told)
    assert tried.bet_id in sentence and "Nobody tried" in sentence


def test_it_names_a_payout_that_the_rules_do_not_give(told: Told) -> None:
    payout = LedgerEntry.objects.filter(kind=Kind.PAYOUT).earliest("seq")
    LedgerEntry.objects.filter(pk=payout.pk).update(coins=payout.coins + 1)
    [sentence] = checks.broken_pools()
    assert f"user {payout.user_id}" in sentence
