"""A difference that is only not recorded yet is told apart from a true one."""

from functools import partial

import pytest

from betting import bank, ledger
from betting.admin.comparing import compared
from betting.audit.comparisons.differences import audit_wallets
from betting.models import Wallet
from betting.tests.scenario import Played, Scenario, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def played() -> Played:
    return play(Scenario())


def judged(club_id: int, user_id: int) -> tuple[str, str]:
    found = compared(club_id, [], [user_id])
    in_sql = Wallet.objects.filter(club_id=club_id, user_id=user_id).values_list("coins", flat=True)
    shown = in_sql.first() or 0
    found.confirm(partial(audit_wallets, club_id, [user_id]))
    return found.judge(f"wallet of user {user_id}", found.held.coins[user_id], shown)


def test_it_calls_a_lag_a_lag(played: Played) -> None:
    scenario, _, _ = played
    club, ana = scenario.club.pk, scenario.people[0]
    ledger.record_all(club)
    assert judged(club, ana.pk) == ("same", "")
    bank.run(bank.grant(club, ana.pk, 5, "correction:lag"))
    assert judged(club, ana.pk) == ("behind", "1 decision waits to be recorded.")
    assert judged(club, ana.pk) == ("same", "")


def test_it_names_which_side_is_off(played: Played) -> None:
    scenario, _, _ = played
    club, ana = scenario.club.pk, scenario.people[0]
    ledger.record_all(club)
    coins = Wallet.objects.get(club_id=club, user=ana).coins
    Wallet.objects.filter(user=ana).update(coins=coins + 7)
    verdict, remark = judged(club, ana.pk)
    assert (verdict, remark) == (
        "differs", f"SQL is off: {coins + 7:,}, by the ledger {coins:,}."
    )  # fmt: skip
    Wallet.objects.filter(user=ana).update(coins=coins)
    bank.command("HINCRBY", bank.Keys(club).wallets, ana.pk, 1)
    assert judged(club, ana.pk)[1] == f"The bank is off: {coins + 1:,}, by the ledger {coins:,}."


def test_it_tells_both_at_once(played: Played) -> None:
    scenario, _, _ = played
    club, ana = scenario.club.pk, scenario.people[0]
    ledger.record_all(club)
    coins = Wallet.objects.get(club_id=club, user=ana).coins
    bank.run(bank.grant(club, ana.pk, 5, "correction:lag"))
    bank.command("HINCRBY", bank.Keys(club).wallets, ana.pk, 1)
    assert judged(club, ana.pk)[1] == (
        f"The bank is off: {coins + 6:,}, by the ledger {coins + 5:,}."
    )
