"""Growth: what a bet costs where a hundred times as much lies behind, beside a house that is new.

Behind are entries and bets of the same market, bettors with positions and wallets, and members of
the room.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.alone.houses import ask_inside, quiet_house
from benchmarks.bets import Betting
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, take_turns
from benchmarks.sides.ringside import Ringside

CLIENTS = 50
TIMES = {"Ringside": 1, "100 times": 100}


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """Two houses in turns, which differ by what lies behind them."""
    with ExitStack() as stack:
        turns: dict[str, Callable[[], Awaitable[Figures]]] = {}
        opened: list[Betting] = []
        for name, times in TIMES.items():
            house = stack.enter_context(quiet_house(folder / str(times)))
            side = Ringside(house)
            await side.open_rooms()
            market = side.rooms[0][1]
            await ask_inside(house, "fill", market, times * plan.history, times * plan.bettors)
            await side.people(times * CLIENTS)
            betting = Betting(side)
            await betting.grow(CLIENTS, 1)
            turns[name] = partial(betting.measure, plan.seconds)
            opened.append(betting)
        cell = Cell("growth", {"clients": CLIENTS, "what": f"{100 * plan.history:,} bets behind"})
        await take_turns(cell, plan.rounds + 1, turns)
        # A house that stops waits for its sockets.
        for betting in opened:
            betting.close()
        await asyncio.sleep(1)
        return [cell]
