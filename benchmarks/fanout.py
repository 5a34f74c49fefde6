"""Fan-out: one line to everybody in a room, and the figures of a market while people bet.

`say`: a line of 120 characters, the next when all have it. `ticks`: 50 people place 1,000 bets a
second in an open loop, and every viewer's frames with figures are counted and dated.
"""

import asyncio
import contextlib
import time
from functools import partial

from benchmarks.bets import bet_frame
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, Meter, percentiles, take_turns
from benchmarks.sides.side import Side
from benchmarks.sockets import CLOSED, Hear, Socket, connect_all, ignore

TEXT = "x" * 120
BETTORS, BETS_PER_S, STEP_S = 50, 1000, 0.005
TICKS_S = 2.0
# Somebody who has a line later than that does not have it.
LINE_PATIENCE_S = 10
STALLED_SHARE = 0.05


class Hall:
    """The viewers of a side, all in one room."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.viewers: list[Socket] = []
        self.bettors: list[Socket] = []
        self.stalled: list[Socket] = []
        self._left = 0
        # How many viewers a side has dropped.
        self._closed = 0
        self._done = asyncio.Event()
        self._ages_s: list[float] = []

    async def grow(self, viewers: int) -> None:
        """Have so many viewers who read, and the few who bet."""
        dialect = self.side.dialect
        if not self.bettors:
            self.bettors = await connect_all(dialect, await self.side.people(BETTORS))
        people = await self.side.people(viewers - len(self.viewers))
        self.viewers += await connect_all(dialect, people)

    async def stall(self) -> None:
        """Have a few more who stopped reading."""
        people = await self.side.people(int(STALLED_SHARE * len(self.viewers)))
        self.stalled = await connect_all(self.side.dialect, people)
        for socket in self.stalled:
            socket.stall()

    def close(self) -> None:
        """Hang up."""
        for socket in (*self.viewers, *self.bettors, *self.stalled):
            socket.close()

    def _listen(self, hear: Hear | None) -> None:
        for socket in self.viewers:
            socket.hear = hear or ignore

    async def say(self, seconds: float) -> Figures:
        """Lines to all viewers, one after the other."""
        self._listen(self._hear_line)
        line = self.side.dialect.frame({"type": "chat.say", "text": TEXT})
        delays_s: list[float] = []
        deliveries = 0
        meter, began_s = Meter(self.side), time.perf_counter()
        while (said_s := time.perf_counter()) < began_s + seconds:
            deliveries += await self._say_once(line)
            delays_s.append(time.perf_counter() - said_s)
        lasted_s = time.perf_counter() - began_s
        self._listen(None)
        return {
            "per s": round(deliveries / lasted_s),
            **percentiles(delays_s),
            "closed": float(self._closed),
            **meter.us_per(deliveries),
        }

    async def _say_once(self, line: bytes) -> int:
        """Say a line and wait until all have it; how many have."""
        self.viewers = [viewer for viewer in self.viewers if viewer.is_open]
        self._left = len(self.viewers)
        self._done.clear()
        self.bettors[0].say(line)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINE_PATIENCE_S):
                await self._done.wait()
        return len(self.viewers) - self._left

    def _hear_line(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b'chat",':
            self._left -= 1
        elif kind == CLOSED:
            self._left -= 1
            self._closed += 1
        if not self._left:
            self._done.set()

    async def watch(self, seconds: float) -> Figures:
        """Figures a second to each viewer, and how old they are on arrival."""
        self._listen(self._hear_figures)
        self._ages_s.clear()
        meter, began_s = Meter(self.side), time.perf_counter()
        placed = 0
        while (now_s := time.perf_counter() - began_s) < seconds:
            while placed < now_s * BETS_PER_S:
                socket = self.bettors[placed % BETTORS]
                socket.say(bet_frame(socket))
                placed += 1
            await asyncio.sleep(STEP_S)
        ticks = len(self._ages_s) / len(self.viewers) / seconds
        self._listen(None)
        return {"ticks per s": round(ticks, 2), **percentiles(self._ages_s, "age "),
                **meter.us_per(len(self._ages_s))}  # fmt: skip

    def _hear_figures(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b'pools"':
            at = payload.rindex(b'"now_ms":') + 9
            self._ages_s.append(time.time() - int(payload[at : at + 13]) / 1000)


async def run(plan: Plan) -> list[Cell]:
    """Both at every number of viewers; then lines beside some who stopped reading."""
    cells, halls = [], [Hall(side) for side in plan.sides]
    for viewers in plan.viewers:
        for hall in halls:
            await hall.grow(viewers)
        say = {hall.side.name: partial(hall.say, plan.seconds) for hall in halls}
        cells.append(await take_turns(Cell("fanout", {"viewers": viewers}), plan.rounds, say))
        watch = {hall.side.name: partial(hall.watch, TICKS_S) for hall in halls}
        cell = Cell("fanout", {"viewers": viewers, "what": f"{BETS_PER_S:,} bets/s"})
        cells.append(await take_turns(cell, plan.rounds, watch))
    if plan.has_stalled:
        for hall in halls:
            await hall.stall()
        cell = Cell("fanout", {"viewers": plan.viewers[-1], "what": "5 % more stalled"})
        cells.append(await take_turns(cell, plan.rounds, say))
    for hall in halls:
        hall.close()
    await asyncio.sleep(1)
    return cells
