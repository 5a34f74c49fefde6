"""A replica takes a dead primary's place by hand, and decides when it lacks nothing."""

from contextlib import suppress

import pytest
from django.core.management import call_command

from betting import bank
from betting.audit import reconcile
from operations import gate
from operations.clock import schedule
from tests.wide.cluster import Cluster, clubs_of
from tests.wide.conftest import grant, heal

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = (clubs_of(number, 2) for number in range(2))


def replica_of(cluster: Cluster, number: int) -> int:
    """Add a replica of a node that holds all that the node does; returns its number."""
    cluster.is_spoilt = True
    replica = cluster.add()
    cluster.meet(replica)
    # All must know it, or those that do not would not hear of what it takes over.
    cluster.settle()
    cluster.ask(replica, "CLUSTER", "REPLICATE", cluster.id_of(number))
    cluster.wait_until(lambda: cluster.has_caught_up(number))
    # After the copy it writes its own file anew; a gate stays shut while it does.
    cluster.wait_until(lambda: not _is_rewriting(cluster.ask(replica, "INFO", "persistence")))
    return replica


def _is_rewriting(persistence: dict[str, int]) -> bool:
    return bool(persistence["aof_rewrite_in_progress"] or persistence["aof_rewrite_scheduled"])


def promote(cluster: Cluster, replica: int) -> None:
    """Have a replica take over from its primary, which is dead, as an operator does."""
    cluster.ask(replica, "CLUSTER", "FAILOVER", "TAKEOVER")
    cluster.wait_until(lambda: bank.primary_of(SECOND[0]).name == cluster.name(replica) or _poke())


def test_a_promoted_replica_decides_once_it_was_looked_at(cluster: Cluster) -> None:
    for club_id in SECOND:
        grant(club_id, "before")
    replica = replica_of(cluster, 1)
    cluster.kill(1)
    assert grant(FIRST[0], "meanwhile") == 1
    promote(cluster, replica)
    with pytest.raises(bank.BankAway):
        grant(SECOND[0], "too-early")
    heal(cluster)
    assert [grant(club_id, "after") for club_id in SECOND] == [2, 2]


def test_a_replica_that_lacks_bets_is_shut_until_its_clubs_are_rebuilt(cluster: Cluster) -> None:
    lacks, whole = SECOND
    for club_id in (*FIRST, *SECOND):
        grant(club_id, "before")
    replica = replica_of(cluster, 1)
    # The line between the two is cut.
    cluster.ask(1, "ACL", "SETUSER", "default", "-psync", "-sync")
    cluster.ask(1, "CLIENT", "KILL", "TYPE", "replica")
    grant(lacks, "recorded")
    schedule.record()
    grant(lacks, "answered")
    cluster.kill(1)
    promote(cluster, replica)
    problems = gate.open_gate(bank.primary_of(lacks))
    assert [f"club{lacks}" in problem for problem in problems] == [True]
    assert grant(FIRST[0], "meanwhile") == 2
    with pytest.raises(bank.BankAway):
        grant(whole, "meanwhile")
    call_command("rebuild_bank", f"club{lacks}", tail=cluster.files(1) / "appendonlydir")
    # Nothing that was answered is lost, and nobody else's club began anew.
    for seq, command in enumerate(("before", "recorded", "answered"), start=1):
        again = bank.run(bank.grant(lacks, 7, 10, command))
        assert isinstance(again, bank.Moved) and (again.seq, again.is_repeat) == (seq, True)
    assert grant(whole, "after") == 2
    assert [bank.head(club_id).epoch for club_id in (lacks, whole, *FIRST)] == [2, 1, 1, 1]
    assert reconcile.reconcile(lacks).is_green


def _poke() -> bool:
    """Have somebody ask, who finds the one that is dead; False."""
    with suppress(bank.BankAway):
        bank.find_head(SECOND[0])
    return False
