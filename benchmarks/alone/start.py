"""Start: how long a house takes until it answers, the first time and later, and to stop."""

import asyncio
import time
from pathlib import Path

from benchmarks.alone.houses import quiet_house
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, tell
from launcher.private_house import House

ENGINES = {"embedded": False, "MariaDB and Redis": True}


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """Both pairs of engines; those that stand outside run already."""
    cells = []
    for name, has_servers in ENGINES.items():
        began_s = time.perf_counter()
        with quiet_house(folder / name.replace(" ", "-"), has_servers=has_servers) as house:
            first_s = time.perf_counter() - began_s
            cell = Cell("start", {"what": name})
            for _ in range(plan.rounds):
                figures = await asyncio.to_thread(_again, house)
                figures["first seconds"] = round(first_s, 2)
                cell.rounds.setdefault("Ringside", []).append(figures)
        tell(cell)
        cells.append(cell)
    return cells


def _again(house: House) -> Figures:
    began_s = time.perf_counter()
    house.stop()
    stopped_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    house.start()
    started_s = time.perf_counter() - began_s
    return {"seconds": round(started_s, 2), "stop seconds": round(stopped_s, 2)}
