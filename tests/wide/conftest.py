"""One Cluster for all tests here; each begins with empty primaries, all of them up."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from betting import bank
from betting.bank import routing
from operations import gate, gate_watch
from operations.clock import club_steps
from rooms.models import Club
from tests.engines import HOME
from tests.wide.cluster import Cluster, clubs_of


class _Kept:
    """The Cluster that the tests share, made anew after one that changed who is who."""

    def __init__(self) -> None:
        self.made: Cluster | None = None

    def get(self) -> Cluster:
        if self.made is None or self.made.is_spoilt:
            self.close()
            self.made = Cluster(Path(HOME) / f"cluster-{time.monotonic_ns()}")
        return self.made

    def close(self) -> None:
        if self.made:
            self.made.close()


@pytest.fixture(scope="session")
def _kept() -> Iterator[_Kept]:
    kept = _Kept()
    yield kept
    kept.close()


@pytest.fixture
def cluster(_kept: _Kept, settings: Any, db: None) -> Iterator[Cluster]:
    """The Cluster as this process's bank, with two clubs at each primary; its gates are open."""
    made = _kept.get()
    made.settle()
    made.empty()
    routing.servers.cache_clear()
    club_steps._away_until_s.clear()
    gate_watch._places.clear()
    settings.REDIS_BANK_URL = made.url
    Club.objects.all().delete()
    for number in range(3):
        for club_id in clubs_of(number, 2):
            Club.objects.create(pk=club_id, slug=f"club{club_id}", title=f"Club {club_id}")
    assert gate.open_gates() == []
    yield made
    bank.distrust("")
    for number, child in enumerate(made.children):
        if child.poll() is None:
            made.send_signal(number, signal.SIGCONT)
        elif not made.is_spoilt:
            made.start(number)


def grant(club_id: int, command: str, user_id: int = 7) -> int:
    """Give somebody ten coins in a club; returns the seq. Raises BankAway."""
    moved = bank.run(bank.grant(club_id, user_id, 10, command))
    assert isinstance(moved, bank.Moved)
    return moved.seq


def heal(cluster: Cluster) -> None:
    """What the clock does each second, until every primary decides."""

    def is_well() -> bool:
        try:
            return gate_watch.inspect() == []
        except bank.BankAway:
            return False

    cluster.wait_until(is_well)
