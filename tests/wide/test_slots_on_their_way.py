"""A slot on its way from one primary to another, asked for over a loop's one connection."""

import asyncio
from collections.abc import Iterator

import pytest

from betting import bank
from betting.bank.slots import slot_of
from tests.wide.cluster import Cluster, clubs_of
from tests.wide.conftest import grant

pytestmark = pytest.mark.django_db(transaction=True)
[MOVING, _], [AT_TARGET, _] = (clubs_of(number, 2) for number in (0, 1))


@pytest.fixture
def on_its_way(cluster: Cluster) -> Iterator[Cluster]:
    """All keys of a club lie with the second primary, and its slot still with the first."""
    grant(MOVING, "before")
    slot = slot_of(bank.Keys(MOVING).head)
    ids = cluster.id_of(0), cluster.id_of(1)
    cluster.ask(1, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    cluster.ask(0, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    keys = cluster.ask(0, "CLUSTER", "GETKEYSINSLOT", slot, 100)
    cluster.ask(0, "MIGRATE", "127.0.0.1", cluster.ports[1], "", 0, 5000, "KEYS", *keys)
    yield cluster
    for number in (1, 0):
        cluster.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    cluster.move_slot(slot, 1, 0)


async def agrant(club_id: int, command: str) -> int:
    """As `grant`, from an event loop."""
    moved = await bank.arun(bank.grant(club_id, 7, 10, command))
    assert isinstance(moved, bank.Moved)
    return moved.seq


async def grants_of_one_turn() -> list[int]:
    """Twenty of the club on its way, between those of a club that stays at the target."""
    clubs = [MOVING, AT_TARGET] * 20
    return await asyncio.gather(*(agrant(club_id, f"{n}") for n, club_id in enumerate(clubs)))


def test_calls_of_one_turn_follow_their_slot_and_keep_their_own_answers(
    on_its_way: Cluster,
) -> None:
    seqs = asyncio.run(grants_of_one_turn())
    # Each was decided once, and told the one who asked.
    assert sorted(seqs[0::2]) == list(range(2, 22))
    assert sorted(seqs[1::2]) == list(range(1, 21))
    assert [bank.head(club_id).seq for club_id in (MOVING, AT_TARGET)] == [21, 20]
    assert asyncio.run(agrant(MOVING, "0")) == seqs[0]
    # The slot is still the first one's, by everybody's map.
    assert bank.primary_of(MOVING).name == on_its_way.name(0)
