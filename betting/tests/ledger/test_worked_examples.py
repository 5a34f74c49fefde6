"""The worked examples of the pool rules, from the first bet to the last coin, through the bank."""

import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from betting import bank
from betting.actions import payments
from betting.models import Market
from betting.tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

# (who, index of the outcome, coins), in the order of the bets.
Bets = list[tuple[str, int, int]]
FIVE: Bets = [("ana", 0, 100), ("bo", 0, 50), ("cy", 0, 33), ("di", 1, 217), ("ed", 2, 100)]
TEN: Bets = [("ana", 0, 10), ("bo", 1, 10), ("cy", 1, 10)]


@dataclass(frozen=True)
class Example:
    """Bets, a result, and what everybody has won or lost by it; `late` is the bet made at T0."""

    bets: Bets
    winners: list[int]
    net: dict[str, int]
    house: int = 0
    end: str = "settled"
    late: int | None = None
    columns: dict[str, Any] | None = None


EXAMPLES = {
    "one winner": Example(
        FIVE, [0], {"ana": 173, "bo": 87, "cy": 57, "di": -217, "ed": -100}
    ),
    "one winner, takeout": Example(
        FIVE, [0], {"ana": 159, "bo": 80, "cy": 53, "di": -217, "ed": -100}, 25,
        columns={"takeout_bp": 500},
    ),
    "another winner, takeout": Example(
        FIVE, [1], {"ana": -100, "bo": -50, "cy": -33, "di": 258, "ed": -100}, 25,
        columns={"takeout_bp": 500},
    ),
    "dead heat": Example(
        FIVE, [0, 2], {"ana": 59, "bo": 30, "cy": 20, "di": -217, "ed": 108}
    ),
    "takeout never bites a winner's stake": Example(
        [("one", 0, 1000), ("two", 1, 10)], [0], {"one": 0, "two": -10}, 10,
        columns={"takeout_bp": 500},
    ),
    "hedging": Example(
        [("ana", 0, 60), ("ana", 1, 40), ("bo", 0, 30), ("cy", 2, 70)], [0, 1],
        {"ana": 58, "bo": 12, "cy": -70}, columns={"hedging": True},
    ),
    "it had happened": Example(
        [("ana", 0, 10), ("bo", 1, 30), ("cy", 1, 20)], [1], {}, end="void too_small", late=1
    ),
    "three were needed": Example(
        TEN, [0], {}, end="void too_small", late=2, columns={"min_bettors": 3}
    ),
    "all win": Example([("ana", 0, 10), ("bo", 1, 20), ("cy", 2, 30)], [0, 1, 2], {}),
    "nothing": Example([], [0], {}, end="void too_small"),
}  # fmt: skip


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


def play(scenario: Scenario, people: dict[str, User], example: Example) -> Market:
    market, outcomes = scenario.market(answers=3, **(example.columns or {}))
    accepted = []
    for name, outcome, coins in example.bets:
        # Each bet in a millisecond of its own, so that T0 divides them.
        time.sleep(0.002)
        accepted.append(scenario.bet(market, people[name], outcomes[outcome], coins)[1])
    happened_at_ms = accepted[example.late].at_ms if example.late is not None else 0
    scenario.lock(market)
    winners = ".".join(str(outcomes[place]) for place in example.winners)
    scenario.decide(market, "settle", f"{winners}@{happened_at_ms}")
    assert payments.finish(market.pk)
    market.refresh_from_db()
    return market


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_pays_the_worked_example(scenario: Scenario, name: str) -> None:
    example = EXAMPLES[name]
    people = {bettor: User.objects.create_user(bettor) for bettor, *_bet in example.bets}
    for user in people.values():
        scenario.run(bank.grant(scenario.club.pk, user.pk, 1000, f"welcome:{user.pk}"))
    market = play(scenario, people, example)
    assert f"{market.status} {market.reason}".strip() == example.end
    held = bank.run(bank.read(scenario.club.pk, [], [user.pk for user in people.values()]))
    net = {bettor: held.coins[user.pk] - 1000 for bettor, user in people.items()}
    assert net == {bettor: example.net.get(bettor, 0) for bettor in people}
    head = bank.head(scenario.club.pk)
    assert (head.house, head.in_pools) == (example.house, 0)
    assert head.is_even


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    bets=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 40)), max_size=12),
    winners=st.sets(st.integers(0, 2), min_size=1),
    takeout_bp=st.integers(0, 1000),
)
def test_it_conserves_every_coin_and_takes_from_no_winner(
    scenario: Scenario, bets: list[tuple[int, int, int]], winners: set[int], takeout_bp: int
) -> None:
    ids = [user.pk for user in scenario.people]
    before = bank.run(bank.read(scenario.club.pk, [], ids)).coins
    # Who has run out of coins sits this one out.
    left = dict(before)
    taken: Bets = []
    for who, outcome, coins in bets:
        if left[ids[who]] >= coins:
            left[ids[who]] -= coins
            taken.append((str(who), outcome, coins))
    people = {str(place): user for place, user in enumerate(scenario.people)}
    columns = {"takeout_bp": takeout_bp, "hedging": True}
    market = play(scenario, people, Example(taken, sorted(winners), {}, columns=columns))
    after = bank.run(bank.read(scenario.club.pk, [], ids)).coins
    head = bank.head(scenario.club.pk)
    assert head.is_even and head.in_pools == 0
    kept = market.settlement["takeout"]
    assert sum(after.values()) + kept == sum(before.values())
    for place, user_id in enumerate(ids):
        outcomes = {outcome for who, outcome, _coins in taken if who == str(place)}
        if outcomes <= winners:
            assert after[user_id] >= before[user_id]
