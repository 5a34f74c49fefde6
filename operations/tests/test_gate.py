"""The gate: what keeps a bank shut after its start, and what opens it."""

import re
from typing import Any

import pytest

from betting import bank
from operations import gate
from operations.tests.private_bank import PrivateBank
from rooms.models import Club

pytestmark = pytest.mark.django_db


def _club() -> int:
    return Club.objects.get(slug="main").pk


def _grant(command: str, coins: int = 100) -> Any:
    return bank.run(bank.grant(_club(), 7, coins, command))


def test_it_is_shut_after_the_first_start_until_it_was_looked_at(private: PrivateBank) -> None:
    with pytest.raises(bank.BankAway):
        _grant("before")
    assert gate.open_gates() == []
    assert bank.is_open()
    assert _grant("after").coins_after == 100


def test_it_is_shut_again_after_a_kill_and_keeps_every_coin(private: PrivateBank) -> None:
    gate.open_gates()
    _grant("first")
    private.restart()
    assert not bank.is_open()
    with pytest.raises(bank.BankAway):
        _grant("second")
    assert gate.open_gates() == []
    assert _grant("first").is_repeat
    assert _grant("second").coins_after == 200
    assert gate.inspect(*bank.primaries()) == []


def test_it_stays_shut_for_every_writing_function(private: PrivateBank) -> None:
    gate.open_gates()
    club = _club()
    _grant("first")
    private.restart()
    bet = bank.Bet(user_id=7, bet_id="b", outcome_id=1, stake_coins=1, expires_at_ms=1)
    chunk = bank.Chunk(settlement="s", cursor=0, items=[])
    calls: list[bank.Call[Any]] = [
        bank.place_bets(club, 1, 1, [bet]),
        bank.grant(club, 7, 1, "x"),
        bank.burn(club, 7, 1, "x"),
        bank.lock(club, 1, 9),
        bank.decide(club, 1, kind="void", command="void", by=9),
        bank.pay(club, 1, chunk),
        bank.freeze(club, 1, True),
        bank.forget(club, 1),
        bank.forget_wallet(club, 7, ["x"]),
    ]
    for call in calls:
        with pytest.raises(bank.BankAway):
            bank.run(call)
    assert bank.run(bank.read(club, [], [7])).coins == {7: 100}
    assert bank.head(club).seq == 1


@pytest.mark.parametrize("name", ["appendfsync", "maxmemory-policy", "maxmemory"])
def test_it_stays_shut_on_a_setting_that_loses_coins(private: PrivateBank, name: str) -> None:
    wrong = {"appendfsync": "everysec", "maxmemory-policy": "allkeys-lru", "maxmemory": "0"}
    bank.each_primary("CONFIG", "SET", name, wrong[name])
    problems = gate.open_gates()
    assert any(name in problem for problem in problems)
    assert not bank.is_open()


def test_it_stays_shut_when_the_bank_lost_what_the_ledger_holds(private: PrivateBank) -> None:
    gate.open_gates()
    _grant("first")
    assert gate.inspect(*bank.primaries()) == []
    bank.wipe(_club())
    private.restart()
    problems = gate.open_gates()
    assert any("main" in problem for problem in problems)
    assert not bank.is_open()


def test_it_stays_shut_when_totals_differ(private: PrivateBank) -> None:
    gate.open_gates()
    _grant("first")
    private.restart()
    bank.command("HINCRBY", bank.Keys(_club()).head, "in_wallets", 1)
    assert any("in_wallets" in problem for problem in gate.open_gates())
    assert not bank.is_open()


def test_it_does_not_trust_another_library_of_the_same_name(private: PrivateBank) -> None:
    source = bank.library_source() + "\n-- Changed.\n"
    bank.each_primary("FUNCTION", "LOAD", source)
    assert any("another" in problem for problem in gate.open_gates())
    assert not bank.is_open()


def _as_released_before() -> str:
    """The library as it was before one of its functions came."""
    whole = re.compile(
        r"redis\.register_function \{\s*function_name = 'forget_wallet_v1'.*?\}", re.S
    )
    earlier, count = whole.subn("", bank.library_source())
    assert count == 1
    return earlier


def test_it_brings_an_earlier_library_up_to_date_after_a_start(private: PrivateBank) -> None:
    bank.each_primary("FUNCTION", "LOAD", _as_released_before())
    assert gate.open_gates() == []
    assert bank.is_open()
    _grant("first")


def test_it_never_replaces_the_library_of_a_running_bank(private: PrivateBank) -> None:
    bank.each_primary("FUNCTION", "LOAD", _as_released_before())
    bank.open_gate()
    assert any("another" in problem for problem in gate.open_gates())
    assert bank.is_open()


def test_it_says_so_when_the_bank_is_gone(private: PrivateBank) -> None:
    private.kill()
    problems = gate.open_gates()
    assert len(problems) == 1
    assert "does not answer" in problems[0]
    private.start()


def test_it_begins_a_new_club_while_it_runs(private: PrivateBank) -> None:
    gate.open_gates()
    club = Club.objects.create(slug="second", title="Second")
    with pytest.raises(bank.BankAway):
        bank.run(bank.grant(club.pk, 7, 5, "gift"))
    gate.start_clubs(*bank.primaries())
    assert bank.run(bank.grant(club.pk, 7, 5, "gift")).coins_after == 5
    gate.start_clubs(*bank.primaries())
    assert bank.head(club.pk).seq == 1
