"""What is measured in one run of the bench: sides, sizes, rounds."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from benchmarks.rounds import Figures
from benchmarks.sides.side import Side


class Alone(Protocol):
    """A side without sockets, which only decides bets."""

    name: str
    # With more it takes too long to be of use.
    clients_max: int

    async def measure(self, clients: int, seconds: float) -> Figures:
        """So many clients bet for so long, in a closed loop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The sizes of a run, with its sides."""

    rounds: int
    seconds: float
    clients: tuple[int, ...]
    clients_of_many: tuple[int, ...]
    viewers: tuple[int, ...]
    arriving: int
    idle: tuple[int, ...]
    # Whether some viewers stop reading in the end.
    has_stalled: bool
    positions: tuple[int, ...]
    # Entries that wait to be recorded.
    backlog: int
    # Bets and bettors behind a new house; a grown one has a hundred times as many.
    history: int
    bettors: int
    # People who come back after a restart.
    hall: int
    sides: list[Side] = field(default_factory=list)
    alone: list[Alone] = field(default_factory=list)


FAST = Plan(
    rounds=3, seconds=1.0, clients=(100, 400, 1000), clients_of_many=(100,),
    viewers=(500, 2000), arriving=600, idle=(), has_stalled=False,
    positions=(1000,), backlog=20_000, history=100, bettors=5, hall=500,
)  # fmt: skip
WHOLE = replace(
    FAST, seconds=3.0, clients=(50, 100, 400, 1000), clients_of_many=(100, 1000),
    viewers=(500, 2000, 5000), idle=(500, 2000, 5000), has_stalled=True,
    positions=(1000, 10_000, 100_000), backlog=100_000, history=3000, bettors=50,
    hall=5000,
)  # fmt: skip
