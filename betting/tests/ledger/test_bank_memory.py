"""Whatever the bank holds is compared with the ledger, and what differs is named."""

import pytest

from betting import bank, ledger
from betting.audit.comparisons.bank_memory import compare_bank
from betting.audit.rebuild import rebuild
from betting.audit.reconcile import reconcile, silent
from betting.audit.reproject import reproject
from betting.models import FORGOTTEN, LedgerEntry, Market, Outcome, Wallet, Watermark
from betting.tests.scenario import Played, Scenario, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def played() -> Played:
    played = play(Scenario())
    ledger.record_all(played[0].club.pk)
    return played


def named(scenario: Scenario) -> list[str]:
    """What a comparison of everything names, without the figures."""
    club_id = scenario.club.pk
    found = reconcile(club_id, deep=True).differences
    assert [each for each in found if each.side == "bank"] == compare_bank(club_id)
    return [difference.what for difference in found]


def test_it_names_bet_ids_that_were_forgotten(played: Played) -> None:
    scenario, market, _ = played
    bank.command("DEL", bank.Keys(scenario.club.pk).bets(market.pk))
    bets = LedgerEntry.objects.filter(market_id=market.pk, kind="bet")
    ids = sorted(f"{user}|{command}" for user, command in bets.values_list("user_id", "command"))
    assert named(scenario) == [f"bank's answer to bet {name}" for name in ids]


def test_it_takes_answers_that_were_kept_before_answers_held_a_chain(played: Played) -> None:
    scenario, market, _ = played
    key = bank.Keys(scenario.club.pk).bets(market.pk)
    for name, answer in bank.command("HGETALL", key).items():
        bank.command("HSET", key, name, answer.rpartition(" ")[0])
    assert named(scenario) == []
    bank.command("HSET", key, name, answer.rpartition(" ")[0].replace(" 1 ", " 2 ", 1))
    assert named(scenario) == [f"bank's answer to bet {name}"]


def test_it_names_a_first_answer_that_nobody_got(played: Played) -> None:
    scenario, market, a = played
    key = bank.Keys(scenario.club.pk).bets(market.pk)
    bank.command("HSET", key, "7|made-up", f"{a} 5 1 3 1 2 3")
    assert named(scenario) == ["bank's answer to bet 7|made-up"]


def test_it_names_grants_that_were_forgotten(played: Played) -> None:
    scenario, _, _ = played
    bank.command("DEL", bank.Keys(scenario.club.pk).grants)
    expected = sorted(f"bank's answer to welcome:{user.pk}" for user in scenario.people)
    assert named(scenario) == expected


def test_it_takes_a_burn_that_asked_for_more_than_there_was(played: Played) -> None:
    scenario, _, _ = played
    scenario.run(bank.burn(scenario.club.pk, scenario.people[0].pk, 10**6, "all"))
    assert named(scenario) == []


def test_it_names_what_stands_under_a_name_that_is_no_user(played: Played) -> None:
    scenario, market, a = played
    keys = bank.Keys(scenario.club.pk)
    bank.command("HSET", keys.positions(market.pk), "x2", f"{a} 5 1")
    bank.command("HSET", keys.grants, "welcome", "x")
    assert named(scenario) == [
        "bank's answer to welcome",
        f"bank's position on market {market.pk} of user x2",
    ]


def test_it_names_refills_that_were_forgotten(played: Played) -> None:
    scenario, _, _ = played
    club_id, ana = scenario.club.pk, scenario.people[0].pk
    allowance = bank.Allowance(coins=200, below_coins=9000, every_ms=0, per_day=5)
    scenario.run(bank.refill(club_id, ana, [], allowance))
    assert named(scenario) == []
    bank.command("DEL", bank.Keys(club_id).refills)
    assert named(scenario) == [f"bank's refills of user {ana}"]


def test_it_stays_green_between_the_last_burn_of_a_guest_and_its_forgetting(
    played: Played,
) -> None:
    scenario, _, _ = played
    guest = scenario.people[3].pk
    scenario.run(bank.burn(scenario.club.pk, guest, 10**6, f"{FORGOTTEN}{guest}"))
    ledger.record_all(scenario.club.pk)
    assert named(scenario) == []


def test_a_head_with_rubbish_is_named_and_can_be_rebuilt(played: Played) -> None:
    scenario, _, _ = played
    bank.command("HSET", bank.Keys(scenario.club.pk).head, "seq", "x")
    report = reconcile(scenario.club.pk, deep=True)
    assert [each.what for each in report.differences] == ["the bank's head"]
    rebuild(scenario.club.pk, progress=silent)
    assert named(scenario) == []


FIELDS = [
    ("closes_at_ms", "closes_at_ms", 99),
    ("takeout_bp", "takeout_bp", 900),
    ("room", "room_id", 71),
    ("min_stake", "min_stake_coins", 3),
    ("max_stake", "max_stake_coins", 7),
    ("min_bettors", "min_bettors", 1),
    ("hedging", "hedging", 0),
    ("bettors", "bettors", 9),
]


@pytest.mark.parametrize(("name", "told", "value"), FIELDS, ids=[name for name, *_ in FIELDS])
def test_it_names_a_changed_field_of_a_market(
    played: Played, name: str, told: str, value: int
) -> None:
    scenario, market, _ = played
    bank.command("HSET", bank.Keys(scenario.club.pk).market(market.pk), name, value)
    assert named(scenario) == [f"bank's {told} of market {market.pk}"]


def test_it_names_a_position_and_a_market_that_cannot_be_read(played: Played) -> None:
    scenario, market, a = played
    keys = bank.Keys(scenario.club.pk)
    ana = scenario.people[0].pk
    bank.command("HSET", keys.positions(market.pk), ana, f"{a} 1x7 9")
    assert all(f"position of user {ana}" in each for each in named(scenario))
    bank.command("HSET", keys.market(market.pk), "version", "x")
    assert f"bank's market {market.pk}" in named(scenario)


def test_it_names_a_wallet_with_rubbish_which_stops_its_own_bets_only(played: Played) -> None:
    scenario, market, a = played
    ana, _, cy, _ = scenario.people
    key = bank.Keys(scenario.club.pk).wallets
    bank.command("HSET", key, ana.pk, "9x5")
    bank.command("HSET", key, "nobody", "5")
    answers = [
        scenario.ask(market, bank.Bet(user_id=user.pk, bet_id=f"after-{user.pk}", outcome_id=a,
                                      stake_coins=1, expires_at_ms=4_000_000_000_000))
        for user in (ana, cy)
    ]  # fmt: skip
    assert answers[0] == bank.Denied("unavailable")
    assert isinstance(answers[1], bank.Accepted)
    seen = bank.run(bank.read(scenario.club.pk, [market.pk], [ana.pk, cy.pk]))
    assert (seen.coins[ana.pk], seen.rubbish) == (0, {ana.pk})
    assert seen.coins[cy.pk] == answers[1].coins
    assert named(scenario) == ["bank's wallet of user nobody", f"bank's wallet of user {ana.pk}"]


def test_it_stays_green_while_markets_are_held_and_forgotten(played: Played) -> None:
    scenario, market, _ = played
    scenario.run(bank.freeze(scenario.club.pk, market.pk, True))
    for market_id in Market.objects.exclude(pk=market.pk).values_list("pk", flat=True):
        assert bank.run(bank.forget(scenario.club.pk, market_id))
    assert named(scenario) == []


# --- What SQL shows


def test_it_names_a_changed_winner(played: Played) -> None:
    scenario, _, _ = played
    winner = Outcome.objects.get(won=True)
    Outcome.objects.filter(pk=winner.pk).update(won=False)
    assert named(scenario) == [f"won of outcome {winner.pk} in SQL"]


def test_it_names_a_changed_time_of_what_happened(played: Played) -> None:
    scenario, _, _ = played
    settled = Market.objects.get(status="settled")
    Market.objects.filter(pk=settled.pk).update(happened_at_ms=7)
    assert named(scenario) == [f"happened_at_ms of market {settled.pk} in SQL"]


def test_it_names_a_changed_takeout_of_a_market_that_was_paid(played: Played) -> None:
    scenario, _, _ = played
    settled = Market.objects.get(status="settled")
    bank.run(bank.forget(scenario.club.pk, settled.pk))
    Market.objects.filter(pk=settled.pk).update(takeout_bp=0)
    assert f"takeout of market {settled.pk} by its rules in SQL" in named(scenario)


def test_it_names_a_changed_settlement(played: Played) -> None:
    scenario, _, _ = played
    settled = Market.objects.get(status="settled")
    Market.objects.filter(pk=settled.pk).update(settlement={**settled.settlement, "paid": 1})
    assert named(scenario) == [f"settlement of market {settled.pk} in SQL"]


def test_it_names_a_watermark_with_another_chain(played: Played) -> None:
    scenario, _, _ = played
    Watermark.objects.update(chain="0" * 40)
    assert named(scenario) == ["the watermark"]


def test_it_names_somebody_who_holds_coins_and_is_gone(played: Played) -> None:
    scenario, _, _ = played
    bo = scenario.people[1]
    type(bo).objects.filter(pk=bo.pk)._raw_delete("default")
    assert named(scenario) == [f"user {bo.pk}, who holds coins,"]


# --- A ledger that was fooled before the recorder looked


def test_a_wrong_wallet_of_an_old_ledger_can_be_repaired(played: Played) -> None:
    """Its coins are the sums of what moved; the entry itself is named for ever."""
    scenario, market, a = played
    club_id, bo = scenario.club.pk, scenario.people[1]
    last = LedgerEntry.objects.filter(user_id=bo.pk).order_by("-seq")[0]
    right = last.wallet_after
    assert right is not None
    LedgerEntry.objects.filter(pk=last.pk).update(wallet_after=right - 100)
    Wallet.objects.filter(user=bo).update(coins=right - 100)
    bank.command("HSET", bank.Keys(club_id).wallets, bo.pk, right - 100)
    rebuild(club_id, progress=silent)
    assert bank.run(bank.read(club_id, [], [bo.pk])).coins == {bo.pk: right}
    reproject(club_id, progress=silent)
    assert Wallet.objects.get(user=bo).coins == right
    assert named(scenario) == [f"chain of entry {last.seq}"]
    scenario.bet(market, bo, a, 1)
    assert ledger.record_all(club_id) == 1
