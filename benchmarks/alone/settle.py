"""Settle: a market of many positions is settled by its host until all is paid and recorded.

Half of the positions win. Beside it stands the longest call that held up the bank meanwhile.
"""

import time
from pathlib import Path

from benchmarks.alone.houses import SlowLog, ask_inside, quiet_house
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, tell
from launcher.private_house import House
from simulation.player import Player


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """Every number of positions, in markets of one room."""
    with quiet_house(folder / "settle") as house:
        async with Player(house.url) as host:
            await host.guest("Hana")
            room = await host.open_room("Room", official_after_s=0)
            cells = []
            for positions in plan.positions:
                cell = Cell("settle", {"positions": positions})
                for _ in range(plan.rounds if positions < plan.positions[-1] else 1):
                    figures = await _settle(house, host, room.code, positions)
                    cell.rounds.setdefault("Ringside", []).append(figures)
                tell(cell)
                cells.append(cell)
            return cells


async def _settle(house: House, host: Player, code: str, positions: int) -> Figures:
    market = await host.ask(code, "Who wins?", ["Red", "Blue"])
    await host.step(market.id, "open")
    await ask_inside(house, "fill", market.id, positions, positions)
    await host.step(market.id, "lock")
    calls = SlowLog(house)
    calls.begin()
    began_s = time.perf_counter()
    await host.step(market.id, "settle", winners=[market.outcomes[0].id])
    seconds = time.perf_counter() - began_s
    return {"seconds": round(seconds, 2), "longest call ms": round(calls.longest_ms(), 1)}
