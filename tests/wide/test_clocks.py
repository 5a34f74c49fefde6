"""Clubs are shared by the clocks that run; one in which nothing happens costs next to nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from betting import bank, ledger
from betting.models import ClockLease, Watermark
from operations import gate
from operations.clock import schedule
from operations.clock.club_steps import LEASE_MS, Share
from rooms.models import Club
from web.rows import clocks

# Making a partition ends a transaction of MariaDB, so these commit.
pytestmark = pytest.mark.django_db(transaction=True)
CLUBS = 1000
TICK_S = 0.1


@pytest.fixture
def idle_clubs() -> Iterator[list[int]]:
    """A thousand clubs with a head and nothing else."""
    numbers = list(range(1001, 1001 + CLUBS))
    Club.objects.bulk_create(Club(pk=n, slug=f"club{n}", title=f"Club {n}") for n in numbers)
    Watermark.objects.bulk_create(Watermark(pk=n) for n in numbers)
    calls = [bank.start_epoch(n, bank.Head.fresh(epoch=1)) for n in numbers]
    [primary] = bank.primaries()
    primary.send([("FCALL", call.function, 2, *call.keys, *call.args) for call in calls])
    yield numbers
    bank.each_primary("FLUSHALL")


def test_a_thousand_idle_clubs_cost_a_tick_at_most_100_ms(idle_clubs: list[int]) -> None:
    steps = [step for step in schedule.all_steps() if step.name not in ("gate", "people forgotten")]

    def took_s() -> float:
        # The processor's time: what other processes do meanwhile is not the clock's.
        began_s = time.thread_time()
        for step in steps:
            step.run()
        return time.thread_time() - began_s

    took_s()
    assert min(took_s() for _ in range(5)) <= TICK_S
    bank.run(bank.grant(idle_clubs[7], 5, 10, "one"))
    schedule.record()
    assert ledger.watermark(idle_clubs[7]).seq == 1


def test_a_gate_asks_of_a_thousand_idle_clubs_together(idle_clubs: list[int]) -> None:
    bank.load_library()
    [primary] = bank.primaries()

    def queries_of_a_look() -> tuple[int, list[str]]:
        with CaptureQueriesContext(connection) as queries:
            found = gate.inspect(primary)
        return len(queries), [problem for problem in found if "Club" in problem]

    together, problems = queries_of_a_look()
    assert problems == [] and together < CLUBS / 10
    # One that holds coins which no entry tells of is looked at by itself.
    lost = idle_clubs[7]
    bank.put(bank.Keys(lost).wallets, {"5": "10"})
    assert f"Club club{lost}" in " ".join(gate.inspect(primary))
    bank.wipe(lost, keep=bank.Keys(lost).wallets)
    assert f"Club club{lost}" in " ".join(gate.inspect(primary))


def test_two_clocks_share_the_clubs_and_one_takes_over(idle_clubs: list[int]) -> None:
    first, second = Share(), Share()
    first.renew()
    assert all(map(first.has, idle_clubs))
    second.renew()
    first.renew()
    taken = [sum(map(share.has, idle_clubs)) for share in (first, second)]
    assert sum(taken) == CLUBS and max(taken) <= 0.6 * CLUBS
    # The second dies: from the end of its lease on all are the first's.
    ClockLease.objects.filter(owner=second.owner).update(until_ms=1)
    first.renew()
    assert all(map(first.has, idle_clubs))
    second.renew()
    first.renew()
    # A lease from before the database's clock went back holds nothing.
    ClockLease.objects.create(owner="0" * 32, until_ms=clocks.database_ms() + 3_600_000)
    first.renew()
    assert sum(map(first.has, idle_clubs)) == sum(map(second.has, idle_clubs))
    # It ends by itself: at once.
    second.end()
    first.renew()
    assert all(map(first.has, idle_clubs))


def test_a_clock_that_does_not_reach_the_bank_leaves_its_clubs_to_the_others(
    idle_clubs: list[int], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    cut_off, other = Share(), Share()
    for share in (cut_off, other, cut_off):
        share.renew()
    before = ClockLease.objects.get(owner=cut_off.owner).until_ms
    now_ms = clocks.database_ms() + LEASE_MS
    monkeypatch.setattr(clocks, "database_ms", lambda: now_ms)
    ours, settings.REDIS_BANK_URL = settings.REDIS_BANK_URL, "redis://127.0.0.1:1/0"
    with pytest.raises(bank.BankAway):
        cut_off.renew()
    settings.REDIS_BANK_URL = ours
    assert not ClockLease.objects.filter(owner=cut_off.owner, until_ms__gt=before).exists()
    other.renew()
    assert all(map(other.has, idle_clubs))


def test_a_clock_that_is_started_again_goes_on_with_its_lease(tmp_path: Path) -> None:
    first, second = Share(), Share()
    for share in (first, second):
        share.take_name(tmp_path)
        share.renew()
    assert first.owner != second.owner and second.of == 2
    # It is killed: the kernel ends its lock, and its lease stays.
    assert first.lock
    first.lock.close()
    again = Share()
    again.take_name(tmp_path)
    again.renew()
    second.renew()
    assert (again.owner, again.of, second.of) == (first.owner, 2, 2)


def test_a_lease_is_written_each_second_and_not_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share, now_ms = Share(), clocks.database_ms()

    def writes_at(at_ms: int) -> bool:
        monkeypatch.setattr(clocks, "database_ms", lambda: at_ms)
        with CaptureQueriesContext(connection) as queries:
            share.renew()
        return {each["sql"].split()[0] for each in queries} != {"SELECT"}

    assert writes_at(now_ms)
    assert not writes_at(now_ms + 400)
    assert writes_at(now_ms + 1000)
    assert ClockLease.objects.get().until_ms == now_ms + 1000 + LEASE_MS
