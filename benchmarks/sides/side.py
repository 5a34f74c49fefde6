"""A side: something that takes bets and tells rooms, started for the bench alone."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar, Protocol

from benchmarks.sockets import PLAIN, Dialect, Person

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
ROOMS = 16
COINS = 10**9
HOST = "127.0.0.1"


class Side(Protocol):
    """What is measured: its processes by name, and people who can connect to it."""

    name: ClassVar[str]
    dialect: ClassVar[Dialect] = PLAIN
    # The first is the process that people are connected to.
    processes: dict[str, int]

    async def people(self, count: int, *, rooms: int = 1) -> list[Person]:
        """New people with coins, spread over the first so many rooms."""
        ...


Start = AbstractContextManager[Side]


def worked_s(pid: int) -> float:
    """The processor time of a process and of its children that run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return own + sum(worked_s(child) for child in children(pid))


def children(pid: int) -> Iterator[int]:
    """The processes that a process started and that run."""
    return map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def resident_kb(pid: int) -> int:
    """The memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB
