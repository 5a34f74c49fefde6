"""Record: how many entries of a backlog in the bank's journal go into SQL in a second."""

import signal
from pathlib import Path

from benchmarks.alone.houses import ask_inside, quiet_house
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, tell
from launcher.private_house import House
from simulation.player import Player

BETTORS = 500
DATABASES = {"MariaDB": True, "SQLite": False}


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """Both databases, with all that checks and projections ask of them."""
    cells = []
    for name, has_servers in DATABASES.items():
        with quiet_house(folder / name, has_servers=has_servers) as house:
            cell = Cell("record", {"what": name, "entries": plan.backlog})
            cell.rounds["Ringside"] = await _measure(house, plan)
            tell(cell)
            cells.append(cell)
    return cells


async def _measure(house: House, plan: Plan) -> list[Figures]:
    async with Player(house.url) as host:
        await host.guest("Hana")
        room = await host.open_room("Room")
        market = await host.ask(room.code, "Who wins?", ["Red", "Blue"])
        await host.step(market.id, "open")
    sql = house.outside.get("sql", 0)
    house.send_signal("clock", signal.SIGSTOP)
    try:
        return [await _record(house, market.id, plan.backlog, sql) for _ in range(plan.rounds)]
    finally:
        house.send_signal("clock", signal.SIGCONT)


async def _record(house: House, market: int, backlog: int, sql: int) -> Figures:
    found = await ask_inside(house, "record", market, backlog, BETTORS, sql)
    recorder_us, sql_us = (
        round(1e6 * found[name] / found["entries"], 1) for name in ("worked", "sql")
    )
    return {
        "per s": round(found["entries"] / found["seconds"]),
        "recorder us": recorder_us,
        "sql us": sql_us,
        "all us": round(recorder_us + sql_us, 1),
    }
