"""Bets: what is taken, what is refused, and in which order it is told."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from betting import bank
from betting.bank import PlacedIn
from betting.tests import banking
from betting.tests.banking import (
    ANA,
    BO,
    CLUB,
    CY,
    MARKET,
    MAYBE,
    NO,
    ROOM,
    YES,
    a_bet,
    coins,
    everything,
    give,
    open_market,
    place,
    stake,
    state,
)  # fmt: skip

OTHER = 6

_every_coin_is_somewhere = banking._every_coin_is_somewhere


@pytest.fixture(autouse=True)
def _coins() -> None:
    for user in (ANA, BO, CY):
        give(user, 1000)


def test_it_takes_a_bet_and_tells_the_figures_after_it() -> None:
    open_market()
    first, second = stake(ANA, 100), stake(ANA, 50)
    assert (first.coins, first.position_coins) == (900, 100)
    assert (second.coins, second.position_coins) == (850, 150)
    assert second.seq == first.seq + 1
    found = state()
    assert (found.pools[YES], found.heads[YES], found.bettors) == (150, 1, 1)
    assert found.version == second.seq
    held = bank.run(bank.read(CLUB, [MARKET], [ANA, BO]))
    assert held.positions == {(MARKET, ANA): {YES: (150, first.seq)}}
    assert held.coins == {ANA: 850, BO: 1000}


def test_it_tells_the_chain_of_the_entry_also_to_a_repeat() -> None:
    open_market()
    bets = [a_bet(ANA, 100), a_bet(BO, 5, NO)]
    first = bank.run(bank.place_bets(CLUB, ROOM, MARKET, bets)).answers
    told = {answer.seq: answer.chain for answer in first if isinstance(answer, bank.Accepted)}
    assert told == {entry.seq: entry.chain for entry in banking.entries() if entry.kind == "bet"}
    assert [place(bet) for bet in bets] == [replace(answer, is_repeat=True) for answer in first]


def test_it_answers_a_repeat_of_a_bet_that_an_earlier_version_took_without_a_chain() -> None:
    open_market()
    bet = a_bet(ANA, 100)
    call = bank.place_bets(CLUB, ROOM, MARKET, [bet])
    args = (ROOM, MARKET, *call.args[3:])
    before = replace(call, function="place_bets_v3", args=args, read=lambda reply: reply[2][0])
    first = bank.run(before)
    assert first[1:4] == [str(YES), "100", "1"] and len(first) == 9
    assert bank.run(before) == [*first[:8], "1"]
    key, name = bank.Keys(CLUB).bets(MARKET), f"{ANA}|{bet.bet_id}"
    kept = bank.command("HGET", key, name).split(" ")
    bank.command("HSET", key, name, " ".join(kept[:7]))
    again = place(bet)
    assert (again.chain, again.seq, again.is_repeat) == ("", int(first[4]), True)


def test_it_lets_later_bets_of_a_call_see_the_earlier_ones() -> None:
    open_market()
    bets = [a_bet(ANA, 600), a_bet(ANA, 600), a_bet(BO, 5, NO), a_bet(ANA, 1, NO), a_bet(ANA, 400)]
    batch = bank.run(bank.place_bets(CLUB, ROOM, MARKET, bets))
    codes = [getattr(answer, "code", "taken") for answer in batch.answers]
    assert codes == ["taken", "not_enough_coins", "taken", "other_outcome_taken", "taken"]
    assert batch.answers[1] == bank.Denied("not_enough_coins", 400)
    assert batch.state == state()
    assert (coins(ANA), coins(BO)) == (0, 995)


def test_it_answers_a_repeat_with_the_first_answer_for_ever() -> None:
    open_market()
    bet = a_bet(ANA, 100)
    first = place(bet)
    stake(ANA, 10)
    late = replace(bet, expires_at_ms=1, refusal="room_ended")
    assert place(late) == replace(first, is_repeat=True)
    banking.lock()
    banking.void()
    assert place(late) == replace(first, is_repeat=True)
    assert coins(ANA) == 890


def test_it_answers_a_repeat_inside_one_call() -> None:
    open_market()
    bet = a_bet(ANA, 100)
    batch = bank.run(bank.place_bets(CLUB, ROOM, MARKET, [bet, bet, replace(bet, stake_coins=1)]))
    first, again, other = batch.answers
    assert isinstance(first, bank.Accepted)
    assert again == replace(first, is_repeat=True)
    assert other == bank.Denied("key_reused")


def test_it_decides_bets_on_several_markets_in_the_order_in_which_they_come() -> None:
    open_market()
    open_market(market_id=OTHER)
    bet = a_bet(ANA, 600)
    placed = [
        PlacedIn(ROOM, MARKET, bet),
        PlacedIn(ROOM, OTHER, a_bet(ANA, 300, NO)),
        PlacedIn(ROOM, MARKET, a_bet(ANA, 200)),
        PlacedIn(ROOM, OTHER, replace(bet, outcome_id=NO)),
        PlacedIn(ROOM, 99, a_bet(BO, 5)),
        PlacedIn(ROOM + 1, MARKET, a_bet(BO, 5)),
        PlacedIn(ROOM, OTHER, a_bet(ANA, 100, NO)),
        PlacedIn(ROOM, MARKET, bet),
    ]
    answers = bank.run(bank.place_bets_of_club(CLUB, placed))
    codes = [getattr(answer, "code", "taken") for answer, _state in answers]
    assert codes == [
        "taken", "taken", "not_enough_coins", "not_enough_coins", "unknown", "not_found", "taken",
        "taken",
    ]  # fmt: skip
    first, again = answers[0][0], answers[7][0]
    assert isinstance(first, bank.Accepted)
    assert again == replace(first, is_repeat=True)
    seqs = [answer.seq for answer, _ in answers[:7] if isinstance(answer, bank.Accepted)]
    assert seqs == [first.seq, first.seq + 1, first.seq + 2]
    assert [answers[at][1] for at in (0, 1, 4)] == [state(), state(OTHER), None]
    assert (state().pools[YES], state(OTHER).pools[NO], coins(ANA)) == (600, 400, 0)


@pytest.mark.parametrize("field", ["pool:11", "heads:12", "bettors", "max_stake"])
def test_it_refuses_bets_on_a_broken_market_and_takes_those_on_others(field: str) -> None:
    open_market()
    open_market(market_id=OTHER)
    key = bank.Keys(CLUB).market(OTHER)
    before = bank.command("HGET", key, field)
    bank.command("HSET", key, field, "lots")
    placed = [PlacedIn(ROOM, market_id, a_bet(ANA, 5)) for market_id in (OTHER, MARKET, OTHER)]
    answers = bank.run(bank.place_bets_of_club(CLUB, placed))
    codes = [getattr(answer, "code", "taken") for answer, _state in answers]
    assert codes == ["unavailable", "taken", "unavailable"]
    bank.command("HSET", key, field, before)


def test_it_locks_each_market_of_a_call_that_is_past_its_deadline() -> None:
    open_market()
    open_market(market_id=OTHER)
    bank.command("HSET", bank.Keys(CLUB).market(OTHER), "closes_at_ms", "1")
    placed = [PlacedIn(ROOM, market_id, a_bet(ANA, 5)) for market_id in (OTHER, MARKET)]
    answers = bank.run(bank.place_bets_of_club(CLUB, placed))
    assert [getattr(answer, "code", "taken") for answer, _ in answers] == ["market_closed", "taken"]
    assert (state(OTHER).status, state().status) == ("locked", "open")


@pytest.mark.parametrize("change", [{"stake_coins": 99}, {"outcome_id": NO}, {"stake_coins": 1000}])
def test_it_refuses_an_id_that_meant_something_else(change: dict[str, int]) -> None:
    open_market()
    bet = a_bet(ANA, 100)
    place(bet)
    assert place(replace(bet, **change)) == bank.Denied("key_reused")


def test_it_keeps_the_ids_of_two_people_apart() -> None:
    open_market()
    bet = a_bet(ANA, 100)
    place(bet)
    assert not place(replace(bet, user_id=BO)).is_repeat


def test_it_never_takes_an_expired_bet() -> None:
    open_market()
    assert stake(ANA, 10, expires_at_ms=bank.ask_time_ms() - 1000) == bank.Denied("expired")


def test_it_tells_an_unknown_market_from_one_of_another_room() -> None:
    assert stake(ANA, 10) == bank.Denied("unknown")
    open_market()
    assert place(a_bet(ANA, 10), room_id=ROOM + 1) == bank.Denied("not_found")


def test_it_takes_nothing_after_the_lock() -> None:
    open_market()
    banking.lock()
    assert stake(ANA, 10) == bank.Denied("market_closed")


def test_it_takes_nothing_while_the_market_is_on_hold() -> None:
    open_market()
    bank.run(bank.freeze(CLUB, MARKET, True))
    assert stake(ANA, 10) == bank.Denied("frozen")
    bank.run(bank.freeze(CLUB, MARKET, False))
    assert isinstance(stake(ANA, 10), bank.Accepted)


def test_it_keeps_to_the_limits_of_a_market() -> None:
    open_market(min_stake_coins=10, max_stake_coins=100)
    assert stake(ANA, 9) == bank.Denied("stake_below_minimum", 10)
    assert stake(ANA, 101) == bank.Denied("stake_above_maximum", 100)
    assert isinstance(stake(ANA, 60), bank.Accepted)
    assert stake(ANA, 41) == bank.Denied("stake_above_maximum", 100)
    assert isinstance(stake(ANA, 40), bank.Accepted)


def test_it_bounds_all_that_one_person_has_on_a_market() -> None:
    open_market(max_stake_coins=100, hedging=True)
    assert isinstance(stake(ANA, 60), bank.Accepted)
    assert stake(ANA, 41, NO) == bank.Denied("stake_above_maximum", 100)
    assert isinstance(stake(ANA, 40, NO), bank.Accepted)
    assert stake(ANA, 1, MAYBE) == bank.Denied("stake_above_maximum", 100)
    assert isinstance(stake(BO, 100, NO), bank.Accepted)


def test_it_takes_one_outcome_a_person_unless_hedging() -> None:
    open_market()
    stake(ANA, 10)
    assert stake(ANA, 10, NO) == bank.Denied("other_outcome_taken")
    open_market(MARKET + 1, hedging=True)
    for outcome in (YES, NO):
        place(a_bet(ANA, 10, outcome), MARKET + 1)
    held = bank.run(bank.read(CLUB, [MARKET + 1], [ANA]))
    assert {outcome: coins for outcome, (coins, _) in held.positions[MARKET + 1, ANA].items()} == {
        YES: 10, NO: 10,
    }  # fmt: skip
    found = held.states[MARKET + 1]
    assert (found.bettors, found.heads) == (1, {YES: 1, NO: 1, MAYBE: 0})


def test_it_refuses_outcomes_that_are_not_there() -> None:
    open_market()
    assert stake(ANA, 10, 99) == bank.Denied("no_such_outcome")
    assert stake(ANA, 10, 0) == bank.Denied("no_such_outcome")


@pytest.mark.parametrize(
    "refusal", ["room_ended", "forbidden", "not_member", "host_may_not_bet", "not_inside"]
)
def test_it_tells_what_was_found_before_it(refusal: str) -> None:
    open_market()
    assert stake(ANA, 10, refusal=refusal) == bank.Denied(refusal)


# Each line breaks one rule more than the next; the first rule of the order is told.
ORDER = [
    ("expired", {"expires_at_ms": 1}),
    ("room_ended", {"refusal": "room_ended"}),
    ("market_closed", {}),
]


def test_it_tells_the_first_reason_of_the_order() -> None:
    open_market(min_stake_coins=10, max_stake_coins=2000)
    stake(ANA, 10)
    assert stake(ANA, 5, 99, refusal="host_may_not_bet") == bank.Denied("host_may_not_bet")
    assert stake(ANA, 5, 99).code == "no_such_outcome"
    assert stake(ANA, 5, NO).code == "other_outcome_taken"
    assert stake(ANA, 5, refusal="not_inside").code == "stake_below_minimum"
    assert stake(ANA, 1995, refusal="not_inside").code == "stake_above_maximum"
    assert stake(ANA, 1900, refusal="not_inside").code == "not_inside"
    assert stake(ANA, 1900) == bank.Denied("not_enough_coins", 990)
    banking.lock()
    for code, others in ORDER:
        broken: Any = {"refusal": "host_may_not_bet", **others}
        assert stake(ANA, 5, 99, **broken).code == code


RUBBISH = ["NaN", "nan", "1e3", "10.0", "-5", "+5", " 5", "5 ", "", "0", "007", "0x10", "inf",
           "1000000000001", "9" * 30, "5\n", "５"]  # fmt: skip


@pytest.mark.parametrize("amount", RUBBISH)
def test_it_understands_whole_stakes_only(amount: str) -> None:
    open_market()
    before = everything()
    call = bank.place_bets(CLUB, ROOM, MARKET, [a_bet(ANA, 5)])
    words = [*call.args[:6], amount, *call.args[7:]]
    answer = bank.run(replace(call, args=tuple(words))).answers[0]
    assert answer == bank.Denied("malformed")
    assert everything() == before


@pytest.mark.parametrize("bet_id", ["", "two words", "x" * 65, "a|b", "new\nline"])
def test_it_understands_plain_ids_only(bet_id: str) -> None:
    open_market()
    assert stake(ANA, 5, bet_id=bet_id) == bank.Denied("malformed")


def test_it_refuses_one_broken_bet_and_takes_its_neighbours() -> None:
    open_market()
    bank.command("HSET", bank.Keys(CLUB).wallets, "666", "lots")
    bets = [a_bet(ANA, 5), a_bet(666, 5), a_bet(BO, 5, bet_id="no good"), a_bet(CY, 5)]
    answers = bank.run(bank.place_bets(CLUB, ROOM, MARKET, bets)).answers
    assert [getattr(answer, "code", "taken") for answer in answers] == [
        "taken", "unavailable", "malformed", "taken",
    ]  # fmt: skip
    bank.command("HDEL", bank.Keys(CLUB).wallets, "666")


def test_it_counts_large_stakes_to_the_last_coin() -> None:
    open_market()
    for number in range(9):
        give(ANA, 999_999_999_999 - number)
    held = coins(ANA)
    for number in range(9):
        stake(ANA, 999_999_999_999 - number)
    assert coins(ANA) == 1000
    assert state().pools[YES] == held - 1000


def test_it_locks_at_the_deadline_with_the_first_late_bet() -> None:
    open_market(closes_in_s=10)
    keys = bank.Keys(CLUB)
    bank.command("HSET", keys.market(MARKET), "closes_at_ms", 1)
    bet_id = str(uuid.uuid4())
    assert stake(ANA, 10, bet_id=bet_id) == bank.Denied("market_closed")
    found, last = state(), banking.entries()[-1]
    assert (last.kind, last.command, last.user_id) == ("lock", "deadline", None)
    assert (found.status, found.lock_seq, found.version) == ("locked", last.seq, last.seq)
    assert stake(ANA, 10, bet_id=bet_id) == bank.Denied("market_closed")
    assert banking.entries()[-1] == last
