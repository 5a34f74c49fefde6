"""The capacity model of the scale bench: what is full first, and what more processes change."""

from dataclasses import replace

import pytest

from benchmarks.scale.capacity import (
    Costs,
    Mix,
    Prediction,
    Site,
    needs,
    predict,
    split,
)

COSTS = Costs(
    arrival={"web": 2000}, delivery={"web": 10}, message={"web": 50, "live": 20},
    bet={"web": 80, "bank": 40, "clock": 30, "sql": 20}, call={"web": 160, "bank": 80},
    recording={"clock": 50, "sql": 50}, idle={"web": 2000}, storm={"web": 1700},
    room={"web": 100},
)  # fmt: skip
QUIET = Mix(rooms=1, clubs=1, bettors=2)
ONE = Site(web=1, primaries=1, cores=2)
MANY = replace(QUIET, bettors=1000)


def of(mix: Mix, *, web: int = 1, primaries: int = 1, cores: int = 64) -> Prediction:
    return predict(COSTS, Site(web=web, primaries=primaries, cores=cores), mix)


def test_it_tells_which_process_is_full_first() -> None:
    one = of(MANY)
    assert one.full == "web" and one.cores["web"] == pytest.approx(1)
    two, four = of(MANY, web=2), of(MANY, web=4)
    assert two.bets_per_s > 1.9 * one.bets_per_s
    # Then the bank: 42.5 microseconds a bet in full calls, so 23,500 a second.
    assert four.full == "bank" and four.bets_per_s == pytest.approx(1_000_000 / 42.5)
    assert of(MANY, web=4, primaries=2).full == "clock"


def test_all_processes_share_the_cores_of_the_machine() -> None:
    narrow = of(MANY, web=4, primaries=3, cores=2)
    assert narrow.full == "cores" and sum(narrow.cores.values()) == pytest.approx(2)
    assert narrow.bets_per_cpu_s == pytest.approx(narrow.bets_per_s / 2)
    tired = replace(COSTS, busy_share=0.5)
    half = predict(tired, Site(web=4, primaries=3, cores=2), MANY)
    assert sum(half.cores.values()) == pytest.approx(1)


def test_bets_of_a_club_share_calls_up_to_thirty_two() -> None:
    assert [replace(QUIET, bettors=n).bets_per_call(ONE) for n in (1, 16, 1000)] == [1, 8, 32]
    # Of its two rooms each is in a process of its own, or both are in one.
    two = replace(QUIET, rooms=2, bettors=32)
    assert [two.bets_per_call(Site(web=web, primaries=1, cores=2)) for web in (1, 4)] == [16, 8]
    assert of(MANY).bets_per_s > 2 * of(QUIET).bets_per_s


def test_people_who_look_on_and_come_leave_less_for_bets() -> None:
    looked_on = replace(MANY, viewers=10_000)
    assert of(looked_on).bets_per_s < 0.7 * of(MANY).bets_per_s
    assert of(replace(MANY, arrivals_per_s=250)).bets_per_s < 0.6 * of(MANY).bets_per_s
    # Nothing is left, and nothing is owed.
    assert of(replace(MANY, arrivals_per_s=1000)).bets_per_s == 0


def test_it_finds_a_bets_own_part_and_that_of_its_call() -> None:
    few, one = 1 / 32, 1.0
    found = [{"web": COSTS.of_bet("web", 1 / share)} for share in (few, one)]
    own, call = split(found, (few, one))
    assert own["web"] == pytest.approx(80) and call["web"] == pytest.approx(160)
    assert ONE.cores_of("sql") == 2


def test_ten_million_people_need_ten_thousand_times_what_a_thousand_do() -> None:
    small, large = needs(COSTS, 1_000), needs(COSTS, 10_000_000)
    for name in ("bets_per_s", "web", "bank", "clock", "sql", "messages_per_s", "ledger_gb"):
        assert getattr(large, name) == pytest.approx(10_000 * getattr(small, name))
    # A process takes so many sockets, whatever its core has left.
    assert small.web >= 0.4
