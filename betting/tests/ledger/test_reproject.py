"""What SQL shows of coins can be made anew from the ledger, as often as one likes."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from betting import bank, ledger
from betting.audit.reconcile import reconcile, silent
from betting.audit.reproject import reproject
from betting.models import LedgerEntry, Market, Outcome, Position, Wallet
from betting.tests.scenario import Played, Scenario, play
from rooms.models import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


@pytest.fixture
def played(scenario: Scenario) -> Played:
    played = play(scenario)
    ledger.record_all(scenario.club.pk)
    return played


def shown() -> dict[str, list[dict[str, Any]]]:
    """All that SQL shows, without the numbers of rows that are made anew."""
    models = {
        "wallets": Wallet, "positions": Position, "markets": Market, "outcomes": Outcome,
        "rooms": Room,
    }  # fmt: skip
    found = {name: list(model.objects.order_by("pk").values()) for name, model in models.items()}
    for row in found["wallets"] + found["positions"]:
        del row["id"]
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def test_it_changes_nothing_where_all_is_well(played: Played) -> None:
    scenario, market, outcome = played
    scenario.lock(market)
    result, host = f"settle:{outcome}@0", scenario.host.pk
    scenario.run(bank.announce(scenario.club.pk, market.pk, result=result, by=host, after_ms=9000))
    ledger.record_all(scenario.club.pk)
    Room.objects.update(open_markets=3)
    before, entries = shown(), list(LedgerEntry.objects.order_by("seq").values())
    assert reproject(scenario.club.pk, progress=silent) == len(entries)
    assert shown() == before
    reproject(scenario.club.pk, progress=silent)
    assert shown() == before
    assert list(LedgerEntry.objects.order_by("seq").values()) == entries


def test_it_mends_whatever_was_changed_by_hand(played: Played) -> None:
    scenario, market, outcome = played
    before = shown()
    Wallet.objects.filter(user=scenario.people[0]).update(coins=77)
    Wallet.objects.filter(user=scenario.people[1]).delete()
    Position.objects.filter(market=market).update(coins=3)
    Outcome.objects.filter(pk=outcome).update(coins=9, heads=9, won=True)
    Market.objects.filter(pk=market.pk).update(status="void", coins=1, bettors=1, reason="void")
    assert not reconcile(scenario.club.pk, deep=True).is_green
    told = StringIO()
    call_command("reproject", stdout=told)
    assert "entries folded again" in told.getvalue()
    assert shown() == before
    assert reconcile(scenario.club.pk, deep=True).is_green


def test_it_keeps_a_market_on_hold_and_drafts_as_they_are(played: Played) -> None:
    scenario, market, _ = played
    draft = Market.objects.create(
        room=scenario.room, question="When?", created_by=scenario.host, created_at_ms=1
    )
    bank.run(bank.freeze(scenario.club.pk, market.pk, True))
    before = Market.objects.values().get(pk=draft.pk)
    reproject(scenario.club.pk, progress=silent)
    assert Market.objects.get(pk=market.pk).frozen
    assert Market.objects.values().get(pk=draft.pk) == before


def test_it_leaves_bets_of_the_meantime_to_the_recorder(played: Played) -> None:
    scenario, market, outcome = played
    scenario.bet(market, scenario.people[0], outcome, 10)
    reproject(scenario.club.pk, progress=silent)
    assert reconcile(scenario.club.pk, deep=True).is_green


def test_it_changes_nothing_while_the_bank_is_away(
    played: Played, settings: Any, tmp_path: Path
) -> None:
    scenario, _, _ = played
    Wallet.objects.filter(user=scenario.people[0]).update(coins=77)
    before, known = shown(), settings.REDIS_BANK_URL
    settings.REDIS_BANK_URL = f"unix://{tmp_path}/nobody.sock"
    with pytest.raises(bank.BankAway):
        reproject(scenario.club.pk, progress=silent)
    settings.REDIS_BANK_URL = known
    assert shown() == before
