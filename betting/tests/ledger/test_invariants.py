"""Each invariant of docs/ledger.md holds for a sound ledger, and names damage of its kind."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from betting.audit import invariants
from betting.models import LedgerEntry
from betting.tests.scenario import Played, Scenario, play

pytestmark = pytest.mark.django_db

SHADOWED = ("ledgerentry", "wallet", "position", "market", "outcome", "watermark")
# By the number of the invariant: what somebody did to the tables by hand. {first} is the first bet
# of a market, {lock} and {payout} are later entries of it, {user} is its first bettor.
PLANTED = {
    1: "DELETE FROM betting_ledgerentry WHERE id = {first}",
    2: "UPDATE betting_watermark SET seq = seq + 10",
    3: "UPDATE betting_ledgerentry SET at_ms = at_ms - 100000 WHERE id = {payout}",
    4: "UPDATE betting_ledgerentry SET wallet_after = wallet_after + 1 WHERE id = {first}",
    5: "UPDATE betting_ledgerentry SET position_after = position_after + 1 WHERE id = {first}",
    6: "UPDATE betting_wallet SET coins = coins + 1 WHERE user_id = {user}",
    7: "UPDATE betting_position SET coins = coins + 1 WHERE user_id = {user}",
    8: "UPDATE betting_position SET user_id = 987654 WHERE user_id = {user}",
    9: "UPDATE betting_ledgerentry SET coins = coins + 1 WHERE kind = 'grant'",
    10: "UPDATE betting_ledgerentry SET command = 'same', user_id = {user} WHERE kind = 'bet'",
    11: "UPDATE betting_ledgerentry SET kind = 'done' WHERE id = {lock}",
    12: "UPDATE betting_ledgerentry SET seq = 100000 WHERE id = {first}",
    13: "UPDATE betting_market SET closes_at_ms = 5 WHERE id = {market};"
    "UPDATE betting_ledgerentry SET at_ms = at_ms + 1 WHERE id = {first}",
    14: "UPDATE betting_ledgerentry SET coins = coins + 1 WHERE id = {payout}",
    15: "UPDATE betting_ledgerentry SET user_id = 987654 WHERE id = {payout}",
    16: "UPDATE betting_outcome SET won = (1 = 0) WHERE market_id = {market}",
    17: "UPDATE betting_market SET takeout_bp = 0",
    18: "UPDATE betting_market SET bettors = bettors + 1 WHERE id = {market}",
}


@pytest.fixture
def played() -> Played:
    return play(Scenario())


@pytest.fixture
def _shadows(played: Played) -> Iterator[None]:
    """Copies without constraints in the place of the tables, so that any damage can be done."""
    is_mysql = connection.vendor == "mysql"
    with connection.cursor() as cursor:
        for name in SHADOWED:
            copied = f"CREATE TEMPORARY TABLE copied_{name} AS SELECT * FROM betting_{name}"
            cursor.execute(copied)
            cursor.execute(f"CREATE TEMPORARY TABLE betting_{name} AS SELECT * FROM copied_{name}")
    yield
    drop = "DROP TEMPORARY TABLE " if is_mysql else "DROP TABLE temp."
    with connection.cursor() as cursor:
        for name in SHADOWED:
            cursor.execute(f"{drop}copied_{name}")
            cursor.execute(f"{drop}betting_{name}")


def broken_numbers() -> set[int]:
    return {int(sentence.split(",")[0].split()[1]) for sentence in invariants.broken()}


def places() -> dict[str, int]:
    """The entries and people of the market that was settled."""
    payout = LedgerEntry.objects.filter(kind="payout").earliest("seq")
    of_market = LedgerEntry.objects.filter(market_id=payout.market_id)
    first, lock = of_market.filter(kind="bet").earliest("seq"), of_market.get(kind="lock")
    return {
        "first": first.pk, "lock": lock.pk, "payout": payout.pk,
        "user": first.user_id or 0, "market": payout.market_id or 0,
    }  # fmt: skip


def test_they_hold_for_a_sound_ledger(played: Played) -> None:
    assert list(invariants.broken()) == []


def test_they_are_numbered_without_a_hole_and_each_has_its_damage() -> None:
    assert [each.number for each in invariants.read_all()] == list(range(1, len(PLANTED) + 1))


@pytest.mark.usefixtures("_shadows")
@pytest.mark.parametrize("number", PLANTED)
def test_it_names_damage(number: int) -> None:
    assert broken_numbers() == set()
    with connection.cursor() as cursor:
        for statement in PLANTED[number].format(**places()).split(";"):
            cursor.execute(statement)
    assert number in broken_numbers()


@pytest.mark.usefixtures("_shadows")
def test_a_bet_in_time_keeps_the_later_time_of_an_entry_before_it() -> None:
    first = LedgerEntry.objects.get(pk=places()["first"])
    with connection.cursor() as cursor:
        later_ms, before = first.at_ms + 60_000, first.seq - 1
        entries = f"UPDATE betting_ledgerentry SET at_ms = {later_ms} WHERE seq >= {before}"
        cursor.execute(entries)
        cursor.execute(f"UPDATE betting_market SET closes_at_ms = {first.at_ms + 1000}")
    assert broken_numbers() == set()


def test_the_document_has_every_invariant() -> None:
    text = (settings.BASE_DIR / "docs" / "ledger.md").read_text()
    for each in invariants.read_all():
        assert f"{each.number}. {each.sentence}" in text
