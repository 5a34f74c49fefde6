"""What SQL shows after the bank has decided: projections, stakes, first answers, settlements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from betting import bank, ledger
from betting.models import LedgerEntry, Market, Outcome, Position, Wallet
from betting.tests.scenario import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


def wallets(scenario: Scenario) -> list[int]:
    coins = dict(Wallet.objects.filter(club=scenario.club).values_list("user_id", "coins"))
    return [coins[user.pk] for user in scenario.people]


def figures(market: Market) -> list[tuple[int, int]]:
    return list(market.outcomes.values_list("coins", "heads"))


def test_it_follows_a_market_from_opening_to_payment(scenario: Scenario) -> None:
    ana, bo, cy, di = scenario.people
    market, (a, b) = scenario.market(closes_in_s=60, takeout_bp=500)
    for user, outcome, coins in ((ana, a, 100), (bo, a, 50), (cy, a, 33), (di, b, 317)):
        scenario.bet(market, user, outcome, coins)
    ledger.record_all(scenario.club.pk)
    market.refresh_from_db()
    assert (market.status, market.coins, market.bettors) == ("open", 500, 4)
    assert market.closes_at_ms == (market.opened_at_ms or 0) + 60_000
    assert figures(market) == [(183, 3), (317, 1)]
    assert wallets(scenario) == [900, 950, 967, 683]

    scenario.settle(market, [a])
    assert (market.status, market.reason) == ("settled", "")
    assert wallets(scenario) == [1159, 1080, 1053, 683]
    assert list(Outcome.objects.filter(won=True).values_list("pk", flat=True)) == [a]
    assert market.settlement == {
        "winners": [a],
        "happened_at_ms": None,
        "coins": 500,
        "takeout": 25,
        "paid": 475,
        "refunded": {},
        "by": {"id": scenario.host.pk, "nickname": "host"},
        "at_ms": market.settled_at_ms,
    }
    # Payment leaves what was staked as it stood.
    assert figures(market) == [(183, 3), (317, 1)]
    assert Position.objects.get(user=ana).coins == 100
    state = bank.run(bank.read(scenario.club.pk, [market.pk], [])).states[market.pk]
    assert (market.version, market.lock_seq, market.decide_seq) == (
        state.version,
        state.lock_seq,
        state.decide_seq,
    )
    assert (market.locked_at_ms, market.settled_at_ms) == (state.locked_at_ms, state.final_at_ms)
    assert ledger.totals(scenario.club.pk) == ledger.Totals(
        issued=4000, burned=0, in_wallets=3975, in_pools=0, house=25
    )


def test_it_refunds_late_stakes_and_tells_both_reasons(scenario: Scenario) -> None:
    ana, bo, cy, _ = scenario.people
    market, (a, b) = scenario.market()
    scenario.bet(market, ana, a, 10)
    ledger.record_all(scenario.club.pk)
    _, first_late = scenario.bet(market, bo, b, 30)
    scenario.bet(market, cy, b, 20)
    ledger.record_all(scenario.club.pk)
    # Set the time instead of waiting: what came later is later by a whole second.
    LedgerEntry.objects.filter(market_id=market.pk, kind="bet", seq__lt=first_late.seq).update(
        at_ms=first_late.at_ms - 1000
    )
    assert [(s.user_id, s.coins, s.late_coins) for s in ledger.stakes(market.pk, 1)] == [
        (ana.pk, 0, 10),
        (bo.pk, 0, 30),
        (cy.pk, 0, 20),
    ]
    scenario.settle(market, [b], happened_at_ms=first_late.at_ms)
    assert (market.status, market.reason) == ("void", "too_small")
    assert wallets(scenario) == [1000, 1000, 1000, 1000]
    assert market.happened_at_ms == first_late.at_ms
    settlement = market.settlement or {}
    assert settlement["refunded"] == {"past_post": 50, "too_small": 10}
    assert (settlement["coins"], settlement["paid"], settlement["takeout"]) == (10, 0, 0)


def test_it_shows_a_market_that_was_called_off(scenario: Scenario) -> None:
    ana, bo, *_ = scenario.people
    market, (a, b) = scenario.market()
    scenario.bet(market, ana, a, 10)
    scenario.bet(market, bo, b, 10)
    scenario.decide(market, "void", "void")
    ledger.record_all(scenario.club.pk)
    market.refresh_from_db()
    assert (market.status, market.reason, market.is_paying) == ("locked", "void", True)
    assert market.decided_by == scenario.host


def test_it_needs_no_more_statements_for_bets_on_more_questions(scenario: Scenario) -> None:
    ana, bo, *_ = scenario.people
    questions = [scenario.market(hedging=True) for _ in range(3)]
    for market, (a, b) in questions:
        scenario.bet(market, ana, a, 10)
        scenario.bet(market, bo, b, 10)
    ledger.record_all(scenario.club.pk)
    needed = []
    for some in (questions[:1], questions):
        for market, (a, b) in some:
            scenario.bet(market, ana, a, 5)
            scenario.bet(market, bo, b, 6)
        with CaptureQueriesContext(connection) as ran:
            ledger.record_all(scenario.club.pk)
        needed.append(len(ran))
    assert needed[0] == needed[1]
    shown = [(market.coins, market.bettors) for market in Market.objects.order_by("pk")]
    assert shown == [(42, 2), (31, 2), (31, 2)]


def test_it_counts_somebody_on_two_outcomes_once(scenario: Scenario) -> None:
    ana, bo, *_ = scenario.people
    market, (a, b) = scenario.market(hedging=True)
    scenario.bet(market, ana, a, 10)
    ledger.record_all(scenario.club.pk)
    scenario.bet(market, ana, b, 5)
    scenario.bet(market, ana, a, 7)
    scenario.bet(market, bo, b, 1)
    ledger.record_all(scenario.club.pk)
    market.refresh_from_db()
    assert (market.bettors, figures(market)) == (2, [(17, 1), (6, 2)])
    held = Position.objects.filter(user=ana).order_by("outcome_id")
    assert list(held.values_list("coins", flat=True)) == [17, 5]
    firsts = LedgerEntry.objects.filter(user_id=ana.pk, kind="bet").order_by("seq")
    assert [p.first_seq for p in held] == [entry.seq for entry in firsts[:2]]
    assert {(s.outcome_id, s.coins, s.first_seq) for s in ledger.stakes(market.pk)} == {
        (p.outcome_id, p.coins, p.first_seq) for p in Position.objects.all()
    }


def test_it_answers_a_bet_as_the_bank_did(scenario: Scenario) -> None:
    ana = scenario.people[0]
    market, (a, _) = scenario.market()
    bet_id, answer = scenario.bet(market, ana, a, 10)
    ledger.record_all(scenario.club.pk)
    again = ledger.first_answer(user_id=ana.pk, market_id=market.pk, bet_id=bet_id)
    assert again is not None
    assert again.is_repeat
    for name in ("outcome_id", "stake_coins", "epoch", "seq", "at_ms", "coins", "position_coins"):
        assert getattr(again, name) == getattr(answer, name)
    assert ledger.first_answer(user_id=ana.pk, market_id=market.pk, bet_id="other") is None
    assert ledger.first_answer(user_id=-1, market_id=market.pk, bet_id=bet_id) is None


def test_it_records_a_decision_of_somebody_who_was_erased(scenario: Scenario) -> None:
    market, (a, _) = scenario.market()
    call = bank.decide(
        scenario.club.pk, market.pk, kind="void", command="void", by=999_999, is_operator=True
    )
    scenario.run(call)
    ledger.record_all(scenario.club.pk)
    market.refresh_from_db()
    assert market.decided_by is None
    assert LedgerEntry.objects.get(kind="void").user_id == 999_999


def test_it_passes_over_a_market_that_sql_does_not_know(scenario: Scenario) -> None:
    market, (a, _) = scenario.market()
    scenario.bet(market, scenario.people[0], a, 10)
    Outcome.objects.all().delete()
    Market.objects.all().delete()
    assert ledger.record_all(scenario.club.pk) == 6
    assert Wallet.objects.get(user=scenario.people[0]).coins == 990


def test_nobody_edits_or_deletes_an_entry(scenario: Scenario) -> None:
    ledger.record_all(scenario.club.pk)
    entry = LedgerEntry.objects.first()
    assert entry is not None
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
