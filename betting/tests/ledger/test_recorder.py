"""The recorder against journals of any kind: complete, once, and never a broken one."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from betting import bank, ledger
from betting.ledger import projections, recorder, trimming
from betting.models import LedgerEntry, Market, Wallet, Watermark
from betting.tests.journals import Journal
from rooms.models import Club, Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def club() -> int:
    return Club.objects.get(slug="main").pk


@pytest.fixture
def journal(club: int) -> Journal:
    bank.wipe(club)
    return Journal(club)


def a_market(club: int) -> int:
    """A draft with stakes of 2 to 20."""
    host = User.objects.create_user("host")
    room = Room.objects.create(code=f"R{host.pk:05}", title="Ring", club_id=club, host=host)
    return Market.objects.create(
        room=room, question="Who?", created_by=host, created_at_ms=1,
        min_stake_coins=2, max_stake_coins=20,
    ).pk  # fmt: skip


def bet(market: int, bet_id: str) -> dict[str, Any]:
    """The first bet of user 1, who has 100 coins."""
    return {
        "kind": "bet", "market": market, "user": 1, "outcome": 9, "coins": 5, "command": bet_id,
        "wallet": 95, "position": 5,
    }  # fmt: skip


def seqs(club: int) -> list[int]:
    return list(LedgerEntry.objects.filter(club=club).order_by("seq").values_list("seq", flat=True))


def test_it_records_a_journal_in_steps_and_only_once(club: int, journal: Journal) -> None:
    journal.grants(7)
    assert [ledger.record(club, 5), ledger.record(club, 5), ledger.record(club, 5)] == [5, 2, 0]
    assert seqs(club) == [1, 2, 3, 4, 5, 6, 7]
    mark = ledger.watermark(club)
    assert (mark.epoch, mark.seq, mark.chain, mark.at_ms) == (1, 7, journal.chain, 1007)
    assert dict(Wallet.objects.values_list("user_id", "coins")) == {1: 2, 2: 2, 3: 1, 4: 1, 5: 1}
    assert ledger.totals(club) == ledger.Totals(
        issued=7, burned=0, in_wallets=7, in_pools=0, house=0
    )
    assert ledger.totals(club, upto_seq=3).issued == 3


def test_it_begins_a_watermark_for_a_new_club() -> None:
    club = Club.objects.create(slug="second", title="Second")
    assert ledger.record_all(club.pk) == 0
    assert Watermark.objects.get(pk=club.pk).seq == 0


def test_it_stops_at_a_hole(club: int, journal: Journal) -> None:
    journal.grants(2)
    journal.add("grant", seq=4, user=1, coins=1, command="g", wallet=2)
    with pytest.raises(ledger.JournalBroken) as broken:
        ledger.record(club)
    assert (broken.value.club_id, broken.value.seq) == (club, 3)
    assert "the next entry is 4" in str(broken.value)
    assert seqs(club) == []


def test_it_stops_at_a_chain_that_does_not_follow(club: int, journal: Journal) -> None:
    journal.grants(2)
    journal.add("grant", user=1, coins=1, command="g", wallet=2, chain="0" * 40)
    with pytest.raises(ledger.JournalBroken, match="broken at 3: its chain"):
        ledger.record(club)
    assert ledger.record(club, 2) == 2
    assert seqs(club) == [1, 2]


def test_it_stops_at_another_epoch(club: int, journal: Journal) -> None:
    journal.grants(1)
    journal.epoch = 2
    journal.grants(1)
    with pytest.raises(ledger.JournalBroken, match="epoch 2, the ledger of epoch 1"):
        ledger.record(club)


def test_it_says_when_the_journal_ends_too_early(club: int, journal: Journal) -> None:
    journal.grants(3)
    ledger.wait_for(club, 3)
    assert seqs(club) == [1, 2, 3]
    with pytest.raises(ledger.JournalBroken, match="broken at 4: it ends before 5"):
        ledger.wait_for(club, 5)


def test_it_refuses_an_entry_that_moves_nothing(club: int, journal: Journal) -> None:
    journal.grants(1)
    journal.add("grant", user=1, command="g2", wallet=1)
    with pytest.raises(ledger.JournalBroken, match="SQL refuses the entries"):
        ledger.record(club)
    assert seqs(club) == []


def test_it_refuses_a_wallet_that_does_not_follow(club: int, journal: Journal) -> None:
    journal.grants(3)
    journal.add("grant", user=1, coins=1, command="g4", wallet=101)
    with pytest.raises(ledger.JournalBroken, match="broken at 4: the wallet of user 1 would hold"):
        ledger.record(club)
    assert seqs(club) == []
    assert ledger.record(club, 3) == 3
    with pytest.raises(ledger.JournalBroken, match="would hold 101, not 2"):
        ledger.record(club)


def test_it_asks_the_ledger_where_a_wallet_of_sql_is_wrong(club: int, journal: Journal) -> None:
    journal.grants(5)
    ledger.record_all(club)
    Wallet.objects.filter(user_id=1).update(coins=77)
    journal.grants(10)
    assert ledger.record_all(club) == 10
    assert Wallet.objects.get(user_id=1).coins == 3


BETS: list[tuple[str, list[dict[str, Any]]]] = [
    ("position of user 1 would be 99", [{"position": 99}]),
    ("position of user 1 would be 6", [{"position": 5}, {"position": 6, "wallet": 90}]),
    ("smallest is above", [{"coins": 1, "position": 1, "wallet": 99}]),
    ("largest is below", [{"coins": 50, "position": 50, "wallet": 50}]),
]


@pytest.mark.parametrize(("why", "bets"), BETS, ids=[why for why, _ in BETS])
def test_it_refuses_a_bet_that_does_not_add_up(
    club: int, journal: Journal, why: str, bets: list[dict[str, Any]]
) -> None:
    market = a_market(club)
    journal.add("grant", user=1, coins=100, command="g", wallet=100)
    journal.add("open", market=market, command="closes:0")
    for number, changed in enumerate(bets):
        journal.add(**bet(market, f"bet-{number}") | changed)
    with pytest.raises(ledger.JournalBroken, match=f"broken at {journal.seq}: .*{why}"):
        ledger.record(club)


def test_it_refuses_a_bet_behind_the_lock(club: int, journal: Journal) -> None:
    market = a_market(club)
    journal.add("grant", user=1, coins=100, command="g", wallet=100)
    journal.add("open", market=market, command="closes:0")
    journal.add("lock", market=market, command="host")
    journal.add(**bet(market, "late"))
    with pytest.raises(ledger.JournalBroken, match="broken at 4: .* not open"):
        ledger.record(club)


@pytest.mark.parametrize("count", [1, 1000], ids=["recorded before", "in the same step"])
def test_it_refuses_a_bet_id_a_second_time(club: int, journal: Journal, count: int) -> None:
    market = a_market(club)
    journal.add("grant", user=1, coins=100, command="g", wallet=100)
    journal.add("open", market=market, command="closes:0")
    journal.add(**bet(market, "same"))
    journal.add(**bet(market, "same") | {"wallet": 90, "position": 10})
    with pytest.raises(ledger.JournalBroken, match="broken at 4: .* holds its id same"):
        while ledger.record(club, count):
            pass


@pytest.mark.parametrize("count", [1, 1000], ids=["recorded before", "in the same step"])
def test_it_refuses_a_grant_a_second_time(club: int, journal: Journal, count: int) -> None:
    journal.add("grant", user=1, coins=100, command="welcome:1", wallet=100)
    journal.add("grant", user=1, coins=100, command="welcome:1", wallet=200)
    with pytest.raises(ledger.JournalBroken, match="broken at 2: .* holds its id welcome:1"):
        while ledger.record(club, count):
            pass


def test_it_tells_ids_apart_that_differ_in_case_market_or_user(club: int, journal: Journal) -> None:
    first, second = a_market(club), a_market(club)
    for user in (1, 2):
        journal.add("grant", user=user, coins=100, command=f"g{user}", wallet=100)
    for market in (first, second):
        journal.add("open", market=market, command="closes:0")
    journal.add(**bet(first, "same"))
    journal.add(**bet(first, "SAME") | {"wallet": 90, "position": 10})
    journal.add(**bet(first, "same") | {"user": 2})
    journal.add(**bet(second, "same") | {"wallet": 85})
    journal.add("grant", user=1, coins=1, command="G1", wallet=86)
    assert ledger.record_all(club) == 9


def test_it_refuses_to_go_on_from_a_watermark_that_was_moved(club: int, journal: Journal) -> None:
    journal.grants(8)
    assert ledger.record(club, 4) == 4
    Watermark.objects.update(seq=6)
    with pytest.raises(ledger.JournalBroken, match="watermark is not at the ledger's end"):
        ledger.record(club)
    assert seqs(club) == [1, 2, 3, 4]


def test_it_trims_only_what_was_committed_a_minute_ago(
    club: int, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(trimming.time, "monotonic", lambda: now_s)
    monkeypatch.setattr(trimming, "_seen", {})

    def left() -> int:
        return int(bank.command("XLEN", bank.Keys(club).journal))

    journal.grants(3)
    ledger.record_all(club)
    now_s += 30
    journal.grants(2)
    ledger.record_all(club)
    assert left() == 5
    now_s += 30
    ledger.record_all(club)
    assert left() == 2
    now_s += 30
    ledger.record_all(club)
    assert left() == 0
    journal.grants(1)
    assert ledger.record_all(club) == 1


STEPS: list[tuple[Any, str]] = [
    (recorder, "check"),
    (recorder, "_insert"),
    (projections, "_project_wallets"),
    (projections, "_project_positions"),
    (projections, "project_markets"),
    (recorder, "_move"),
    (recorder, "trim_recorded"),
]


class Killed(Exception):
    pass


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_it_loses_and_doubles_nothing_when_killed_between_steps(
    club: int,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    step: str,
    after: bool,
) -> None:
    whole = getattr(module, step)

    def killed(*args: Any) -> None:
        if after:
            whole(*args)
        raise Killed

    journal.grants(12)
    ledger.record(club, 4)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        with pytest.raises(Killed):
            ledger.record(club, 4)
    assert seqs(club) in ([1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8])
    assert ledger.watermark(club).seq == len(seqs(club))
    ledger.record_all(club)
    assert seqs(club) == list(range(1, 13))
    assert dict(Wallet.objects.values_list("user_id", "coins")) == {1: 3, 2: 3, 3: 2, 4: 2, 5: 2}


@pytest.mark.parametrize(
    "error", [(1213, "Deadlock found"), (1205, "wait"), ("database is locked",)]
)
def test_it_repeats_the_whole_step_after_a_passing_error(
    club: int, journal: Journal, monkeypatch: pytest.MonkeyPatch, error: tuple[Any, ...]
) -> None:
    whole, calls = recorder._move, []

    def move(*args: Any) -> None:
        calls.append(args)
        if len(calls) < 3:
            raise OperationalError(*error)
        whole(*args)

    journal.grants(3)
    monkeypatch.setattr(recorder, "_move", move)
    assert ledger.record(club) == 3
    assert (len(calls), seqs(club)) == (3, [1, 2, 3])


def test_it_gives_up_on_an_error_that_does_not_pass(
    club: int, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(*args: Any) -> None:
        raise OperationalError(1114, "The table is full")

    journal.grants(3)
    monkeypatch.setattr(recorder, "_move", move)
    with pytest.raises(OperationalError, match="full"):
        ledger.record(club)


@pytest.mark.django_db(transaction=True)
def test_three_recorders_at_once_record_every_entry_once() -> None:
    club = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})[0].pk
    bank.wipe(club)
    journal = Journal(club)
    journal.grants(400)
    problems: list[BaseException] = []
    recorded: list[int] = []

    def work() -> None:
        try:
            while step := ledger.record(club, 20):
                recorded.append(step)
        except BaseException as error:  # noqa: BLE001 — whatever it is belongs to the test
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    journal.grants(400)
    for thread in threads:
        thread.join()
    ledger.record_all(club)
    assert problems == []
    assert seqs(club) == list(range(1, 801))
    assert sum(recorded) <= 800
    assert Wallet.objects.get(user_id=1).coins == 160
