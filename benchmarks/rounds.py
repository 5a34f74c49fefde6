"""Rounds: the sides take turns in every cell, and the median of the rounds is what counts."""

import asyncio
import os
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.sides.side import Side, worked_s

SETTLES_S = 0.4
Figures = dict[str, float]


@dataclass(slots=True)
class Cell:
    """One row of a benchmark: what was set, and each side's figures in every round."""

    benchmark: str
    setting: Mapping[str, int | str]
    rounds: dict[str, list[Figures]] = field(default_factory=dict)
    # The load average of the machine before the cell.
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def label(self) -> str:
        return ", ".join(f"{value:,} {name}" if isinstance(value, int) else f"{value}"
                         for name, value in self.setting.items())  # fmt: skip

    @property
    def medians(self) -> dict[str, Figures]:
        return {side: {name: round(statistics.median(each[name] for each in rounds), 2)
                       for name in rounds[0]}
                for side, rounds in self.rounds.items()}  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return {"setting": self.setting, "load": round(self.load, 2), "rounds": self.rounds,
                "medians": self.medians}  # fmt: skip


async def take_turns(
    cell: Cell, rounds: int, turns: Mapping[str, Callable[[], Awaitable[Figures]]]
) -> Cell:
    """Let every side have its turn in each round, and say what came out."""
    for _ in range(rounds):
        for name, turn in turns.items():
            await asyncio.sleep(SETTLES_S)
            cell.rounds.setdefault(name, []).append(await turn())
    tell(cell)
    return cell


def tell(cell: Cell) -> None:
    """Print a cell's medians."""
    print(f"\n{cell.benchmark}: {cell.label}   (load {cell.load:.1f})", flush=True)
    for name, figures in cell.medians.items():
        told = "  ".join(f"{what} {figure:,.10g}" for what, figure in figures.items())
        print(f"  {name:<16}{told}", flush=True)


class Meter:
    """The processor time of a side's processes since it was made."""

    def __init__(self, side: Side) -> None:
        self._pids = side.processes
        self._before = self._read()

    def _read(self) -> dict[str, float]:
        return {name: worked_s(pid) for name, pid in self._pids.items()}

    def us_per(self, operations: int) -> Figures:
        """Microseconds an operation: of each process, and of all; nought where nothing was done."""
        spent = {name: now - self._before[name] for name, now in self._read().items()}
        each = {
            f"{name} us": round(1e6 * s / operations, 1) if operations else 0.0
            for name, s in spent.items()
        }
        return {**each, "all us": round(sum(each.values()), 1)}


def percentiles(delays_s: Sequence[float], name: str = "") -> Figures:
    """p50 and p99 in milliseconds; nought of nothing."""
    ordered = sorted(delays_s) or [0.0]
    return {f"{name}p{part} ms": round(1000 * ordered[int(len(ordered) * part / 100)], 1)
            for part in (50, 99)}  # fmt: skip
