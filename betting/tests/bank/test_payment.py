"""Payment: in pieces, once, to the last coin."""

from dataclasses import replace
from typing import Any

import pytest

from betting import bank
from betting.tests import banking
from betting.tests.banking import (
    ANA,
    BO,
    CLUB,
    CY,
    MARKET,
    NO,
    YES,
    coins,
    entries,
    everything,
    give,
    lock,
    open_market,
    settle,
    stake,
    state,
    void,
)  # fmt: skip

_every_coin_is_somewhere = banking._every_coin_is_somewhere
SETTLEMENT = "5e" * 20


def payout(user: int, paid: int, staked: int, outcome: int = YES) -> bank.PayItem:
    return bank.PayItem(
        kind="payout", user_id=user, outcome_id=outcome, coins=paid, stake_coins=staked
    )


def refund(user: int, paid: int, outcome: int = YES, reason: str = "void") -> bank.PayItem:
    return bank.PayItem(
        kind="refund", user_id=user, outcome_id=outcome, coins=paid, stake_coins=paid, reason=reason
    )


def pay(*items: bank.PayItem, cursor: int = 0, **others: Any) -> Any:
    others = {"settlement": SETTLEMENT, **others}
    return bank.run(bank.pay(CLUB, MARKET, bank.Chunk(items=items, cursor=cursor, **others)))


# ana 60 and bo 40 on yes, cy 100 on no: 200 in the pool, 10 for the house.
WON = [payout(ANA, 114, 60), payout(BO, 76, 40)]


@pytest.fixture(autouse=True)
def _staked() -> None:
    for user, staked, outcome in ((ANA, 60, YES), (BO, 40, YES), (CY, 100, NO)):
        give(user, 100)
        if not entries() or entries()[0].kind != "open":
            open_market(takeout_bp=500)
        stake(user, staked, outcome)


def _settled() -> None:
    lock()
    settle(f"{YES}@0")


def test_it_pays_a_settlement_to_the_last_coin() -> None:
    _settled()
    done = pay(*WON, final="settled", takeout_coins=10)
    assert (done.cursor, done.is_repeat, done.state.status) == (2, False, "settled")
    assert (coins(ANA), coins(BO), coins(CY)) == (154, 136, 0)
    head = bank.head(CLUB)
    assert (head.in_pools, head.house) == (0, 10)
    told = [(entry.kind, entry.coins, entry.command) for entry in entries()[-4:]]
    assert told == [
        ("payout", 114, SETTLEMENT), ("payout", 76, SETTLEMENT),
        ("takeout", 10, SETTLEMENT), ("done", 0, "settled"),
    ]  # fmt: skip
    assert (state().paid_coins, state().version, state().pools[YES]) == (190, head.seq, 100)


def test_it_goes_on_from_the_cursor_and_pays_no_piece_twice() -> None:
    _settled()
    first = pay(WON[0])
    assert (first.cursor, first.state.status, coins(ANA)) == (1, "locked", 154)
    before = everything()
    again = pay(WON[0])
    assert (again.cursor, again.is_repeat) == (1, True)
    assert pay(cursor=2, final="settled", takeout_coins=10) == bank.Denied("gap", 1)
    assert everything() == before
    pay(WON[1], cursor=1, final="settled", takeout_coins=10)
    before = everything()
    for cursor, item in enumerate(WON):
        assert pay(item, cursor=cursor, final="settled", takeout_coins=10).is_repeat
    assert pay(cursor=2, final="settled", takeout_coins=10).is_repeat
    assert everything() == before


def test_it_takes_no_other_settlement_half_way() -> None:
    _settled()
    pay(WON[0])
    assert pay(WON[1], cursor=1, settlement="other") == bank.Denied("key_reused")


def test_it_refunds_a_void_market_in_pieces() -> None:
    void()
    pay(refund(ANA, 60), refund(BO, 40))
    done = pay(refund(CY, 100, NO), cursor=2, final="void:void")
    assert done.state.status == "void"
    assert [coins(user) for user in (ANA, BO, CY)] == [100, 100, 100]
    assert entries()[-1].command == "void:void"
    assert entries()[-2].command == f"{SETTLEMENT}:void"


def test_it_refunds_late_stakes_and_pays_the_rest_in_one_settlement() -> None:
    _settled()
    pay(
        refund(CY, 30, NO, "past_post"), payout(ANA, 102, 60), payout(BO, 68, 40), final="settled"
    )  # fmt: skip
    assert [coins(user) for user in (ANA, BO, CY)] == [142, 128, 30]


def test_it_ends_a_settled_market_without_winners_as_void() -> None:
    _settled()
    items = [refund(ANA, 60), refund(BO, 40), refund(CY, 100, NO)]
    done = pay(*[replace(item, reason="no_winner") for item in items], final="void:no_winner")
    assert (done.state.status, done.state.decision) == ("void", "settle")


def test_it_pays_nothing_before_a_decision_or_on_hold() -> None:
    lock()
    assert pay(*WON) == bank.Denied("market_undecided")
    settle(f"{YES}@0")
    bank.run(bank.freeze(CLUB, MARKET, True))
    assert pay(*WON) == bank.Denied("frozen")


WRONG: list[tuple[list[bank.PayItem], dict[str, Any]]] = [
    ([payout(999, 10, 10)], {}),
    ([payout(ANA, 10, 10, NO)], {}),
    ([payout(ANA, 100, 61)], {}),
    ([payout(ANA, 201, 60)], {}),
    ([payout(ANA, 0, 60)], {}),
    ([payout(ANA, -5, 60)], {}),
    ([replace(refund(ANA, 60), coins=61)], {}),
    ([refund(ANA, 60, reason="")], {}),
    (WON, {"final": "settled", "takeout_coins": 9}),
    (WON, {"final": "settled", "takeout_coins": 11}),
    (WON, {"final": "settled"}),
    (WON, {"final": "paid", "takeout_coins": 10}),
    (WON, {"final": "void:no_winner", "takeout_coins": 10}),
    (WON, {"takeout_coins": 10}),
    (WON, {"settlement": "two words"}),
]


@pytest.mark.parametrize(("items", "others"), WRONG)
def test_it_refuses_a_piece_that_does_not_add_up(items: list[Any], others: dict[str, Any]) -> None:
    _settled()
    before = everything()
    assert pay(*items, **others) == bank.Denied("malformed")
    assert everything() == before


def test_it_refuses_another_end_than_was_decided() -> None:
    void()
    items = [refund(ANA, 60), refund(BO, 40), refund(CY, 100, NO)]
    assert pay(*items, final="settled") == bank.Denied("malformed")
    assert pay(*items, final="void:too_small") == bank.Denied("malformed")


def test_it_ends_an_empty_market() -> None:
    bank.wipe(CLUB)
    bank.run(bank.start_epoch(CLUB, bank.Head.fresh(epoch=1)))
    open_market()
    void(by=None, reason="too_small")
    assert pay(final="void:too_small").state.status == "void"


def test_it_keeps_positions_as_they_were_staked() -> None:
    _settled()
    pay(*WON, final="settled", takeout_coins=10)
    held = bank.run(bank.read(CLUB, [MARKET], [ANA, CY])).positions
    assert held[MARKET, ANA][YES][0] == 60
    assert held[MARKET, CY][NO][0] == 100
