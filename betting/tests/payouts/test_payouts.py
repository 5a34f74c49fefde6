"""The pool rules, example by example."""

import pytest

from betting.payouts import (
    Settlement,
    Stake,
    call_off,
    odds,
    reason_to_refund,
    settle,
    settlement_id,
)

pytestmark = pytest.mark.once

A, B, C = 1, 2, 3
ANA, BO, CY, DI, ED = 11, 12, 13, 14, 15


def pool(*bets: tuple[int, int, int]) -> list[Stake]:
    """Stakes from (user, outcome, coins), in the order they were made."""
    return [
        Stake(user_id=user, outcome_id=outcome, coins=coins, first_seq=seq)
        for seq, (user, outcome, coins) in enumerate(bets, start=1)
    ]


def paid(settlement: Settlement) -> dict[tuple[int, int], int]:
    assert all(item.kind == "payout" and not item.reason for item in settlement.items)
    return {(item.user_id, item.outcome_id): item.coins for item in settlement.items}


def back(settlement: Settlement) -> dict[tuple[int, str], int]:
    assert all(item.kind == "refund" for item in settlement.items)
    return {(item.user_id, item.reason): item.coins for item in settlement.items}


FIVE = pool((ANA, A, 100), (BO, A, 50), (CY, A, 33), (DI, B, 217), (ED, C, 100))


@pytest.mark.parametrize(
    ("winners", "takeout_bp", "payouts", "takeout"),
    [
        ([A], 0, {(ANA, A): 273, (BO, A): 137, (CY, A): 90}, 0),
        ([A], 500, {(ANA, A): 259, (BO, A): 130, (CY, A): 86}, 25),
        ([B], 500, {(DI, B): 475}, 25),
        ([A, C], 0, {(ANA, A): 159, (BO, A): 80, (CY, A): 53, (ED, C): 208}, 0),
    ],
)
def test_it_pays_the_pool_of_five_hundred(
    winners: list[int], takeout_bp: int, payouts: dict[tuple[int, int], int], takeout: int
) -> None:
    result = settle(FIVE, winners=winners, takeout_bp=takeout_bp, min_bettors=2)
    assert (result.status, result.reason) == ("settled", "")
    assert paid(result) == payouts
    assert result.takeout_coins == takeout


def test_it_never_takes_from_a_winners_stake() -> None:
    stakes = pool((ANA, A, 1000), (BO, B, 10))
    assert odds({A: 1000, B: 10}, 500) == {A: 100, B: 9600}
    result = settle(stakes, winners=[A], takeout_bp=500, min_bettors=2)
    assert (paid(result), result.takeout_coins) == ({(ANA, A): 1000}, 10)


def test_it_reproduces_the_eight_horses() -> None:
    coins = [30, 70, 12, 55, 110, 47, 150, 40]
    stakes = pool(*((100 + number, number, stake) for number, stake in enumerate(coins, start=1)))
    result = settle(stakes, winners=[4], takeout_bp=1425, min_bettors=2)
    assert (paid(result), result.takeout_coins) == ({(104, 4): 441}, 73)


def test_it_splits_the_profit_of_a_dead_heat_equally() -> None:
    stakes = pool((ANA, A, 60), (ANA, B, 40), (BO, A, 30), (CY, C, 70))
    result = settle(stakes, winners=[A, B], takeout_bp=0, min_bettors=2)
    assert paid(result) == {(ANA, A): 83, (ANA, B): 75, (BO, A): 42}


def test_it_passes_the_share_of_an_unbacked_winner_to_the_others() -> None:
    stakes = pool((ANA, A, 10), (BO, B, 30))
    both = settle(stakes, winners=[A, C], takeout_bp=0, min_bettors=2)
    assert paid(both) == {(ANA, A): 40}


def test_it_refunds_what_was_staked_when_it_had_happened() -> None:
    stakes = [
        Stake(user_id=ANA, outcome_id=A, coins=10, first_seq=1),
        Stake(user_id=BO, outcome_id=B, coins=0, first_seq=0, late_coins=30),
        Stake(user_id=CY, outcome_id=B, coins=0, first_seq=0, late_coins=20),
    ]
    result = settle(stakes, winners=[B], takeout_bp=0, min_bettors=2)
    assert (result.status, result.reason, result.takeout_coins) == ("void", "too_small", 0)
    assert back(result) == {(BO, "past_post"): 30, (CY, "past_post"): 20, (ANA, "too_small"): 10}


def test_it_judges_the_number_of_bettors_again_without_late_stakes() -> None:
    stakes = [
        *pool((ANA, A, 10), (BO, B, 10)),
        Stake(user_id=CY, outcome_id=B, coins=0, first_seq=0, late_coins=10),
    ]
    result = settle(stakes, winners=[A], takeout_bp=0, min_bettors=3)
    assert back(result) == {(ANA, "too_small"): 10, (BO, "too_small"): 10, (CY, "past_post"): 10}


def test_it_refunds_one_part_of_a_position_and_pays_the_other() -> None:
    stakes = [
        Stake(user_id=ANA, outcome_id=A, coins=10, first_seq=1, late_coins=7),
        Stake(user_id=BO, outcome_id=B, coins=30, first_seq=2),
    ]
    result = settle(stakes, winners=[A], takeout_bp=0, min_bettors=2)
    assert [(item.kind, item.coins, item.stake_coins) for item in result.items] == [
        ("refund", 7, 7),
        ("payout", 40, 10),
    ]


def test_it_gives_every_stake_back_as_payout_when_all_win() -> None:
    stakes = pool((ANA, A, 10), (BO, B, 20), (CY, C, 30))
    result = settle(stakes, winners=[A, B, C], takeout_bp=1000, min_bettors=2)
    assert result.status == "settled"
    assert paid(result) == {(ANA, A): 10, (BO, B): 20, (CY, C): 30}


def test_it_gives_the_left_over_coin_to_the_earlier_bet() -> None:
    first = settle(
        pool((ANA, A, 1), (BO, A, 1), (CY, B, 1)), winners=[A], takeout_bp=0, min_bettors=2
    )
    assert paid(first) == {(ANA, A): 2, (BO, A): 1}


@pytest.mark.parametrize(
    ("bets", "winners", "min_bettors", "reason"),
    [
        ([], [A], 2, "too_small"),
        ([], [A], 0, "too_small"),
        ([(ANA, A, 5), (ANA, B, 5)], [A], 2, "too_small"),
        ([(ANA, A, 5)], [A], 2, "too_small"),
        ([(ANA, A, 5), (BO, A, 5)], [A], 2, "one_sided"),
        ([(ANA, A, 5), (BO, A, 5)], [C], 2, "one_sided"),
        ([(ANA, A, 5), (BO, B, 5)], [C], 2, "no_winner"),
    ],
)
def test_it_refunds_in_the_order_of_rule_5(
    bets: list[tuple[int, int, int]], winners: list[int], min_bettors: int, reason: str
) -> None:
    result = settle(pool(*bets), winners=winners, takeout_bp=1000, min_bettors=min_bettors)
    assert (result.status, result.reason, result.takeout_coins) == ("void", reason, 0)
    items = [(item.user_id, item.outcome_id, item.coins) for item in result.items]
    assert items == bets
    assert {(item.kind, item.reason) for item in result.items} <= {("refund", reason)}


def test_it_judges_at_the_lock_what_can_be_won() -> None:
    assert reason_to_refund({A: 5, B: 5}, bettors=2, min_bettors=2) == ""
    assert reason_to_refund({A: 5, B: 0}, bettors=2, min_bettors=2) == "one_sided"
    assert reason_to_refund({A: 5, B: 5}, bettors=1, min_bettors=2) == "too_small"
    assert reason_to_refund({A: 0, B: 0}, bettors=0, min_bettors=0) == "too_small"


def test_it_gives_everything_back_when_called_off() -> None:
    late = Stake(user_id=DI, outcome_id=C, coins=2, first_seq=9, late_coins=5)
    result = call_off([*pool((ANA, A, 10), (BO, B, 20)), late], reason="unresolved")
    assert back(result) == {(ANA, "unresolved"): 10, (BO, "unresolved"): 20, (DI, "unresolved"): 7}


def test_it_shows_no_odds_where_nobody_staked() -> None:
    assert odds({A: 0, B: 0}, 0) == {A: None, B: None}
    assert odds({A: 183, B: 217, C: 100}, 500) == {A: 259, B: 218, C: 475}


def test_it_names_a_list_of_items_by_all_it_holds() -> None:
    one = settle(FIVE, winners=[A], takeout_bp=0, min_bettors=2)
    assert settlement_id(one.items) == settlement_id(
        settle(FIVE[::-1], winners=[A], takeout_bp=0, min_bettors=2).items
    )
    other = settle(FIVE, winners=[B], takeout_bp=0, min_bettors=2)
    assert settlement_id(one.items) != settlement_id(other.items)
    assert len(settlement_id([])) == 40
