"""Bets: accepted and durable, a second, in a closed loop; everybody bets again once answered.

Beside the sides that people connect to stand the limit, redis-benchmark with the same Function and
as many clients, and what one would write first: a view of Django that locks rows in MariaDB.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial

from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, Meter, percentiles, take_turns
from benchmarks.sides.side import Side
from benchmarks.sockets import CLOSED, PATIENCE_S, Socket, connect_all

MARKETS = {1: "one market", 16: "16 markets"}


class Betting:
    """The open sockets of a side, and the bets that they have under way."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sockets: list[Socket] = []
        self._began_s: dict[Socket, float] = {}
        self._delays_s: list[float] = []
        self._is_on = False
        self._refused: list[bytes] = []

    async def grow(self, clients: int, rooms: int) -> None:
        """Have so many clients."""
        people = await self.side.people(clients - len(self.sockets), rooms=rooms)
        self.sockets += await connect_all(self.side.dialect, people)
        for socket in self.sockets:
            socket.hear = self._hear

    async def measure(self, seconds: float) -> Figures:
        """All bet for so long; bets a second, delays, frames and processor time a bet."""
        self._is_on = True
        self._delays_s.clear()
        for socket in self.sockets:
            self._bet(socket)
        # The first bets of a client open connections to the bank on some sides.
        await self._until(lambda: len(self._delays_s) >= len(self.sockets))
        self._delays_s.clear()
        frames, meter, began_s = self._frames(), Meter(self.side), time.perf_counter()
        await asyncio.sleep(seconds)
        lasted_s = time.perf_counter() - began_s
        bets = len(self._delays_s)
        figures = {"per s": round(bets / lasted_s), **percentiles(self._delays_s),
                   "frames": round((self._frames() - frames) / max(bets, 1), 2),
                   **meter.us_per(bets)}  # fmt: skip
        await self._finish()
        return figures

    async def _finish(self) -> None:
        self._is_on = False
        await self._until(lambda: not self._began_s)
        if self._refused:
            why = self._refused.pop()
            print(f"  {self.side.name}: bets without effect, {1 + len(self._refused)} like {why!r}")
            self._refused.clear()
        self.sockets = [socket for socket in self.sockets if socket.is_open]

    async def _until(self, is_so: Callable[[], bool]) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not is_so() and not self._refused:
            assert time.monotonic() < until_s, f"{self.side.name} answers no more"
            await asyncio.sleep(0.02)

    def close(self) -> None:
        """Hang up."""
        for socket in self.sockets:
            socket.close()

    def _frames(self) -> int:
        return sum(socket.frames for socket in self.sockets)

    def _bet(self, socket: Socket) -> None:
        self._began_s[socket] = time.perf_counter()
        socket.say(bet_frame(socket))

    def _hear(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b"bet.ac":
            self._delays_s.append(time.perf_counter() - self._began_s.pop(socket))
            if self._is_on:
                self._bet(socket)
        elif kind in (b"bet.re", b'error"', CLOSED):
            self._refused.append(payload or kind)
            self._began_s.pop(socket, None)


def bet_frame(socket: Socket) -> bytes:
    """A new bet of one coin."""
    dialect, (market, outcome) = socket.dialect, socket.person.bet
    message = b'{"type":"bet.place","market":%d,"outcome":%d,"stake":1,"bet_id":"%s"}'
    return dialect.before + message % (market, outcome, str(uuid.uuid4()).encode()) + dialect.after


async def run(plan: Plan) -> list[Cell]:
    """Every count of clients on one market, then some on sixteen of as many rooms."""
    cells = []
    for rooms, counts in ((1, plan.clients), (16, plan.clients_of_many)):
        betting = [Betting(side) for side in plan.sides]
        for clients in counts:
            for each in betting:
                await each.grow(clients, rooms)
            turns: dict[str, Callable[[], Awaitable[Figures]]] = {
                each.side.name: partial(each.measure, plan.seconds) for each in betting
            }
            if rooms == 1:
                turns |= {
                    alone.name: partial(alone.measure, clients, plan.seconds)
                    for alone in plan.alone
                    if clients <= alone.clients_max
                }
            cell = Cell("bets", {"what": MARKETS[rooms], "clients": clients})
            cells.append(await take_turns(cell, plan.rounds, turns))
        for each in betting:
            each.close()
        await asyncio.sleep(1)
    return cells
