"""Connect: how many people a second come in, and what an idle socket takes.

600 members at once, 32 at a time, each with a cookie that is checked, until their welcome.
"""

import asyncio
import time
from functools import partial

from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, Meter, percentiles, take_turns
from benchmarks.sides.side import Side, resident_kb
from benchmarks.sockets import Person, Socket, connect_all

RESTS_S = 1.0


async def arrive(side: Side, people: list[Person]) -> Figures:
    """Let them all come and go."""
    delays_s: list[float] = []
    turned_away: list[str] = []
    meter, began_s = Meter(side), time.perf_counter()
    sockets = await connect_all(side.dialect, people, delays_s=delays_s, turned_away=turned_away)
    lasted_s = time.perf_counter() - began_s
    figures = {"per s": round(len(people) / lasted_s), **percentiles(delays_s),
               "turned away": float(len(turned_away)),
               **meter.us_per(len(people))}  # fmt: skip
    for socket in sockets:
        socket.close()
    await asyncio.sleep(RESTS_S)
    return figures


async def idle(side: Side, before_kb: int, sockets: list[Socket], count: int) -> Figures:
    """Grow to so many sockets that say nothing; memory of the web process for each."""
    people = await side.people(count - len(sockets))
    sockets += await connect_all(side.dialect, people)
    await asyncio.sleep(RESTS_S)
    now_kb = resident_kb(next(iter(side.processes.values())))
    return {"kB a socket": round((now_kb - before_kb) / count, 1), "kB in all": float(now_kb)}


async def run(plan: Plan) -> list[Cell]:
    """Arrivals, then idle sockets where they are asked for."""
    arriving = {side.name: partial(arrive, side, await side.people(plan.arriving))
                for side in plan.sides}  # fmt: skip
    cells = [await take_turns(Cell("connect", {"people": plan.arriving}), plan.rounds, arriving)]
    opened: dict[str, list[Socket]] = {side.name: [] for side in plan.sides}
    before_kb = {side.name: resident_kb(next(iter(side.processes.values())))
                 for side in plan.sides}  # fmt: skip
    for count in plan.idle:
        growing = {side.name: partial(idle, side, before_kb[side.name], opened[side.name], count)
                   for side in plan.sides}  # fmt: skip
        cells.append(await take_turns(Cell("connect", {"idle sockets": count}), 1, growing))
    for sockets in opened.values():
        for socket in sockets:
            socket.close()
    return cells
