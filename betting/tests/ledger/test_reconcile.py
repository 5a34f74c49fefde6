"""Reconciling is green while people bet, and names what somebody changed by hand."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from betting import bank, ledger
from betting.audit.reconcile import hold, reconcile
from betting.models import LedgerEntry, Market, Outcome, Position, Wallet
from betting.tests.scenario import Played, Scenario, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


@pytest.fixture
def played(scenario: Scenario) -> Played:
    return play(scenario)


def differences(scenario: Scenario, deep: bool = True) -> list[str]:
    return [str(difference) for difference in reconcile(scenario.club.pk, deep=deep).differences]


def test_it_is_green_for_an_untouched_club(played: Played) -> None:
    scenario, _, _ = played
    report = reconcile(scenario.club.pk, deep=True)
    assert report.is_green
    assert (report.wallets, report.markets, report.positions) == (4, 3, 10)
    assert report.head is not None
    assert report.head.is_even


def test_it_is_green_for_a_club_that_has_not_begun(scenario: Scenario) -> None:
    bank.wipe(scenario.club.pk)
    assert reconcile(scenario.club.pk, deep=True).is_green


def test_it_is_green_when_the_bank_forgot_a_final_market(
    played: Played,
) -> None:
    scenario, _, _ = played
    for market_id in Market.objects.filter(status__in=("settled", "void")).values_list("pk"):
        assert bank.run(bank.forget(scenario.club.pk, *market_id))
    assert differences(scenario) == []


def test_it_finds_a_coin_that_was_added_to_a_wallet_of_the_bank(
    played: Played,
) -> None:
    scenario, _, _ = played
    ana = scenario.people[0]
    coins = int(bank.command("HINCRBY", bank.Keys(scenario.club.pk).wallets, ana.pk, 1))
    assert differences(scenario, deep=False) == []
    assert differences(scenario) == [
        f"bank's wallet of user {ana.pk}: {coins}, but {coins - 1} by the ledger"
    ]


def test_it_finds_a_wallet_that_nobody_was_given(played: Played) -> None:
    scenario, _, _ = played
    bank.command("HSET", bank.Keys(scenario.club.pk).wallets, 999, 5)
    assert differences(scenario) == ["bank's wallet of user 999: 5, but 0 by the ledger"]


@pytest.mark.parametrize("name", ["issued", "burned", "in_wallets", "in_pools", "house"])
def test_it_finds_a_total_that_was_changed(played: Played, name: str) -> None:
    scenario, _, _ = played
    was = int(bank.command("HGET", bank.Keys(scenario.club.pk).head, name))
    bank.command("HINCRBY", bank.Keys(scenario.club.pk).head, name, 3)
    assert differences(scenario) == [f"the bank's total {name}: {was + 3}, but {was} by the ledger"]
    assert not reconcile(scenario.club.pk).head.is_even  # type: ignore[union-attr]


def test_it_finds_what_was_changed_in_a_market_of_the_bank(
    played: Played,
) -> None:
    scenario, market, a = played
    keys = bank.Keys(scenario.club.pk)
    bank.command("HINCRBY", keys.market(market.pk), f"pool:{a}", 1)
    assert differences(scenario) == [
        f"bank's outcome {a} of market {market.pk}: [108, 1], but [107, 1] by the ledger"
    ]
    bank.command("HINCRBY", keys.market(market.pk), f"pool:{a}", -1)
    cy = scenario.people[2]
    bank.command("HSET", keys.positions(market.pk), cy.pk, f"{a} 7 1")
    found = differences(scenario)
    assert len(found) == 2
    assert found[0].startswith(
        f"bank's position of user {cy.pk} on outcome {a}: [7, 1], but [0, 0]"
    )


def test_it_finds_a_market_that_the_bank_lost(played: Played) -> None:
    scenario, market, _ = played
    bank.command("UNLINK", bank.Keys(scenario.club.pk).market(market.pk))
    assert differences(scenario) == [f"bank's market {market.pk}: missing, but open by the ledger"]


def test_it_finds_projections_that_were_changed(played: Played) -> None:
    scenario, market, a = played
    ledger.record_all(scenario.club.pk)
    ana = scenario.people[0]
    Wallet.objects.filter(user=ana).update(coins=1)
    Outcome.objects.filter(pk=a).update(heads=9)
    Market.objects.filter(pk=market.pk).update(bettors=9)
    Position.objects.filter(user=ana, outcome=a).update(coins=1)
    found = differences(scenario)
    assert [line.split(":")[0] for line in found] == [
        f"wallet of user {ana.pk} in SQL",
        f"outcome {a} of market {market.pk} in SQL",
        f"bettors of market {market.pk} in SQL",
        f"position of user {ana.pk} on outcome {a} in SQL",
    ]


@pytest.mark.parametrize("column", ["coins", "user_id", "at_ms", "wallet_after", "command"])
def test_it_finds_an_entry_that_was_rewritten(played: Played, column: str) -> None:
    scenario, _, _ = played
    ledger.record_all(scenario.club.pk)
    LedgerEntry.objects.filter(seq=7).update(**{column: 4242})
    found = differences(scenario)
    assert found[0].startswith(("chain of entry 7", "the bank's total"))


def test_it_finds_an_entry_that_was_removed(played: Played) -> None:
    scenario, _, _ = played
    ledger.record_all(scenario.club.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM betting_ledgerentry WHERE kind = 'lock'")
    assert differences(scenario)[0].startswith("the next entry of the ledger: 11, but 10")


def test_it_finds_a_bank_that_came_back_older_than_the_ledger(
    played: Played,
) -> None:
    scenario, _, _ = played
    ledger.record_all(scenario.club.pk)
    seq = ledger.watermark(scenario.club.pk).seq
    bank.command("HSET", bank.Keys(scenario.club.pk).head, "seq", seq - 2)
    assert differences(scenario) == [
        f"the bank's last entry: 1-{seq - 2}, but 1-{seq} by the ledger"
    ]


def test_it_finds_a_journal_with_a_hole(played: Played) -> None:
    scenario, market, a = played
    ledger.record_all(scenario.club.pk)
    seq = ledger.watermark(scenario.club.pk).seq
    scenario.bet(market, scenario.people[0], a, 1)
    scenario.bet(market, scenario.people[0], a, 1)
    bank.command("XDEL", bank.Keys(scenario.club.pk).journal, f"1-{seq + 1}")
    assert differences(scenario)[0].startswith(
        f"the journal: The journal of club {scenario.club.pk}"
    )


def test_it_freezes_the_market_that_differs_and_no_other(
    played: Played,
) -> None:
    scenario, market, a = played
    other, _ = scenario.market()
    bank.command("HINCRBY", bank.Keys(scenario.club.pk).market(market.pk), f"pool:{a}", 1)
    report = reconcile(scenario.club.pk, deep=True)
    assert list(hold(report)) == [market.pk]
    states = bank.run(bank.read(scenario.club.pk, [market.pk, other.pk], [])).states
    assert [states[market.pk].frozen, states[other.pk].frozen] == [True, False]
    assert Market.objects.get(frozen=True) == market


def test_the_command_prints_the_balance_and_is_green(played: Played) -> None:
    out = StringIO()
    call_command("reconcile", "--all", stdout=out)
    assert "issued 4000 - burned 0 = wallets 3819 + pools 165 + house 16" in out.getvalue()
    assert "green (chain, 4 wallets, 10 bettors in 3 markets)" in out.getvalue()


def test_the_command_fails_and_names_the_first_difference(
    played: Played,
) -> None:
    scenario, market, _ = played
    bank.command("HINCRBY", bank.Keys(scenario.club.pk).wallets, scenario.people[0].pk, 1)
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences, the first: bank's wallet") as failed:
        call_command("reconcile", "main", "--all", "--freeze", stdout=out)
    assert failed.value.returncode == 1
    assert f"on hold: markets [{market.pk}]" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_it_stays_green_while_bets_go_on() -> None:
    scenario = Scenario()
    for user in scenario.people:
        scenario.run(bank.grant(scenario.club.pk, user.pk, 10**9, f"more:{user.pk}"))
    market, (a, b) = scenario.market()
    stop = threading.Event()
    problems: list[BaseException] = []

    def bettor(number: int) -> None:
        try:
            while not stop.is_set():
                scenario.bet(market, scenario.people[number], (a, b)[number % 2], 1)
        except BaseException as error:  # noqa: BLE001 — whatever it is belongs to the test
            problems.append(error)

    threads = [threading.Thread(target=bettor, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        found = [differences(scenario) for _ in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert (problems, found) == ([], [[], [], []])


def test_it_finds_a_result_that_only_one_of_both_knows(played: Played) -> None:
    scenario, market, outcome = played
    scenario.lock(market)
    result, host = f"settle:{outcome}@0", scenario.host.pk
    scenario.run(bank.announce(scenario.club.pk, market.pk, result=result, by=host, after_ms=9000))
    assert differences(scenario) == []
    Market.objects.filter(pk=market.pk).update(official_at_ms=None)
    [told] = differences(scenario)
    assert told.startswith(f"official_at_ms of market {market.pk} in SQL: None")
