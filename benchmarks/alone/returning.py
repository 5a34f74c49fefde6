"""Returning: a whole hall comes back after its web process was restarted, while others bet.

Everybody comes at once and again half a second after they were turned away, as the page does.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from picows import WSError

from benchmarks.alone.houses import quiet_house
from benchmarks.bets import bet_frame
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, percentiles, tell
from benchmarks.sides.ringside import Ringside
from benchmarks.sockets import COMES_BACK_S, Person, Socket, connect, connect_all

BETTORS = 50
BETS_PER_S = 200
QUIET_S = 3.0
STEP_S = 0.01
REFUSED = ("503", "4000")


@dataclass(slots=True)
class Bettors:
    """People who bet at a steady rate, and how long each waits for the answer."""

    side: Ringside
    sockets: list[Socket]
    delays_s: list[float] = field(default_factory=list)
    _began_s: dict[Socket, float] = field(default_factory=dict)

    async def bet(self) -> None:
        """Go on until cancelled; a bettor who waits for an answer is passed over."""
        for socket in self.sockets:
            socket.hear = self._hear
        placed, began_s = 0, time.perf_counter()
        while True:
            while placed < (time.perf_counter() - began_s) * BETS_PER_S:
                socket = self.sockets[placed % len(self.sockets)]
                placed += 1
                if socket.is_open and socket not in self._began_s:
                    self._began_s[socket] = time.perf_counter()
                    socket.say(bet_frame(socket))
            await asyncio.sleep(STEP_S)

    def _hear(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b"bet.ac" and socket in self._began_s:
            self.delays_s.append(time.perf_counter() - self._began_s.pop(socket))


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """One hall, as often as there are rounds."""
    with quiet_house(folder / "returning") as house:
        side = Ringside(house)
        await side.open_rooms()
        people = await side.people(plan.hall)
        bettors = await side.people(BETTORS)
        cell = Cell("returning", {"people": plan.hall})
        for _ in range(plan.rounds):
            cell.rounds.setdefault("Ringside", []).append(await _restart(side, people, bettors))
        tell(cell)
        return [cell]


async def _restart(side: Ringside, people: list[Person], bettors: list[Person]) -> Figures:
    opened = await connect_all(side.dialect, people)
    assert len(opened) == len(people)
    before = side.house.pid("web-1")
    side.house.kill("web-1")
    await asyncio.to_thread(
        side.house.wait_until, lambda: side.house.pid("web-1") not in (0, before)
    )  # fmt: skip
    turned_away: Counter[str] = Counter()
    betting = Bettors(side, [await _come_back(side, each, turned_away) for each in bettors])
    going_on = asyncio.create_task(betting.bet())
    await asyncio.sleep(QUIET_S)
    quiet_ms, betting.delays_s = percentiles(betting.delays_s, "quiet bets "), []
    began_s = time.perf_counter()
    opened = await asyncio.gather(*(_come_back(side, each, turned_away) for each in people))
    seconds = time.perf_counter() - began_s
    going_on.cancel()
    for socket in (*opened, *betting.sockets):
        socket.close()
    await asyncio.sleep(1)
    refused = sum(count for why, count in turned_away.items() if any(r in why for r in REFUSED))
    return {
        "seconds": round(seconds, 2),
        "refused": float(refused),
        **quiet_ms,
        **percentiles(betting.delays_s, "bets meanwhile "),
    }


async def _come_back(side: Ringside, person: Person, turned_away: Counter[str]) -> Socket:
    while True:
        try:
            return await connect(side.dialect, person)
        except (OSError, WSError) as why:
            turned_away[f"{why}"] += 1
            await asyncio.sleep(COMES_BACK_S)
