"""The recorder against journals of any kind: complete, once, and never a broken one."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from betting import bank, ledger
from betting.ledger import projections, recorder, trimming
from betting.models import LedgerEntry, Wallet, Watermark
from betting.tests.journals import Journal
from rooms.models import Club

pytestmark = pytest.mark.django_db


@pytest.fixture
def club() -> int:
    return Club.objects.get(slug="main").pk


@pytest.fixture
def journal(club: int) -> Journal:
    bank.wipe(club)
    return Journal(club)


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
    (recorder, "_check"),
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
