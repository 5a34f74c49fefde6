"""The pool rules as promises that hold for every pool."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betting.payouts import Stake, odds, settle

pytestmark = pytest.mark.once

Bets = list[tuple[int, int, int]]

coins = st.one_of(st.integers(1, 50), st.integers(1, 10**12))
bets = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 4), coins), max_size=30)
decisions = st.fixed_dictionaries(
    {
        "winners": st.sets(st.integers(1, 5), min_size=1, max_size=5).map(sorted),
        "takeout_bp": st.integers(0, 1000),
        "min_bettors": st.integers(1, 4),
    }
)


def positions(made: Bets) -> list[Stake]:
    """What the ledger makes of bets: one stake for each user and outcome."""
    whole: dict[tuple[int, int], Stake] = {}
    for seq, (user, outcome, stake_coins) in enumerate(made, start=1):
        before = whole.get((user, outcome))
        whole[user, outcome] = Stake(
            user_id=user,
            outcome_id=outcome,
            coins=stake_coins + (before.coins if before else 0),
            first_seq=before.first_seq if before else seq,
        )
    return list(whole.values())


@given(bets, decisions)
def test_it_conserves_every_coin(made: Bets, decision: dict[str, Any]) -> None:
    result = settle(positions(made), **decision)
    total = sum(bet[2] for bet in made)
    assert sum(item.coins for item in result.items) + result.takeout_coins == total
    if result.status == "settled":
        assert result.takeout_coins <= total * decision["takeout_bp"] // 10_000


@given(bets, decisions)
def test_it_pays_a_winner_at_least_the_stake(made: Bets, decision: dict[str, Any]) -> None:
    for item in settle(positions(made), **decision).items:
        if item.kind == "payout":
            assert item.coins >= item.stake_coins > 0
            assert item.outcome_id in decision["winners"]
        else:
            assert item.coins == item.stake_coins > 0


@given(bets.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))), decisions)
def test_it_changes_a_payout_by_one_coin_at_most_when_bets_come_in_another_order(
    orders: tuple[Bets, Bets], decision: dict[str, Any]
) -> None:
    one, other = (settle(positions(order), **decision) for order in orders)
    assert (one.status, one.reason, one.takeout_coins) == (
        other.status,
        other.reason,
        other.takeout_coins,
    )
    figures = [{(i.user_id, i.outcome_id): i.coins for i in each.items} for each in (one, other)]
    assert figures[0].keys() == figures[1].keys()
    assert all(abs(figures[0][key] - figures[1][key]) <= 1 for key in figures[0])


@given(bets, st.integers(0, 1000))
def test_it_pays_the_odds_it_showed_to_a_single_winner(made: Bets, takeout_bp: int) -> None:
    stakes = positions(made)
    pools: dict[int, int] = {}
    for stake in stakes:
        pools[stake.outcome_id] = pools.get(stake.outcome_id, 0) + stake.coins
    for outcome, hundredths in odds(pools, takeout_bp).items():
        result = settle(stakes, winners=[outcome], takeout_bp=takeout_bp, min_bettors=1)
        if result.status == "settled":
            net = sum(item.coins for item in result.items)
            assert hundredths == 100 * net // pools[outcome]
