"""The load of the scale bench: people who bet all the time, people who look on, people who come."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

from benchmarks.bets import bet_frame
from benchmarks.scale.house import WideHouse
from benchmarks.sockets import PATIENCE_S, PLAIN, Socket, connect_all

TEXT = "x" * 120
SETTLES_S = 1.0
# The number of a room, and what proves who somebody is.
Tokens = Sequence[tuple[int, str]]


class Window:
    """What was done and spent between two moments, in seconds; by kind of process."""

    def __init__(self, house: WideHouse) -> None:
        self._house = house
        self._began_s, self._before, self._calls = time.perf_counter(), self._read(), house.calls()
        self.lasted_s, self.calls = 0.0, 0
        self.spent_s: dict[str, float] = {}

    def end(self) -> "Window":
        """Note what has been spent."""
        self.spent_s = {kind: now - self._before[kind] for kind, now in self._read().items()}
        self.lasted_s = time.perf_counter() - self._began_s
        self.calls = self._house.calls() - self._calls
        return self

    @property
    def cores(self) -> dict[str, float]:
        """The cores that each kind took."""
        return {kind: spent_s / self.lasted_s for kind, spent_s in self.spent_s.items()}

    @property
    def busy_share(self) -> float:
        """The part of the machine's cores that all of them took."""
        return sum(self.cores.values()) / (os.cpu_count() or 1)

    def _read(self) -> dict[str, float]:
        return {**self._house.worked_s(), "load": time.process_time()}


class Evening:
    """The sockets of one load at a house, and how many bets of theirs were accepted."""

    def __init__(self, house: WideHouse) -> None:
        self.house = house
        self.bettors: list[Socket] = []
        self.viewers: list[Socket] = []
        self.accepted = self.arrived = self.heard = 0
        self._is_on = False
        self._all_heard = asyncio.Event()
        self._refused: list[bytes] = []

    async def seat(self, bettors: Tokens, viewers: Tokens) -> None:
        """Connect those who bet, and those who look on."""
        self.viewers += await self._connect(viewers)
        self.bettors += await self._connect(bettors)
        for socket in self.bettors:
            socket.hear = self._hear

    async def _connect(self, tokens: Tokens) -> list[Socket]:
        return await connect_all(PLAIN, [self.house.person(*each) for each in tokens])

    async def bet(self, seconds: float, comers: Tokens, arrivals_per_s: float) -> Window:
        """All bet for so long, while some come and go; what was spent meanwhile."""
        self._is_on = True
        for socket in self.bettors:
            socket.say(bet_frame(socket))
        coming = asyncio.create_task(self._come_and_go(cycle(comers), arrivals_per_s))
        await asyncio.sleep(SETTLES_S)
        self.accepted = self.arrived = 0
        window = Window(self.house)
        await asyncio.sleep(seconds)
        window.end()
        bets, arrived, self._is_on = self.accepted, self.arrived, False
        coming.cancel()
        await asyncio.sleep(SETTLES_S)
        self.accepted, self.arrived = bets, arrived
        if self._refused:
            raise RuntimeError(f"{len(self._refused)} bets without effect: {self._refused[-1]!r}")
        return window

    async def _come_and_go(self, comers: Iterator[tuple[int, str]], per_s: float) -> None:
        if not per_s:
            return
        began_s, asked = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while True:
                asked += 1
                group.create_task(self._come(next(comers)))
                await asyncio.sleep(max(began_s + asked / per_s - time.monotonic(), 0))

    async def come_in_turn(self, seconds: float, comers: Tokens) -> Window:
        """Have people come and go one after the other for so long."""
        until_s, coming = time.perf_counter() + seconds, cycle(comers)
        self.arrived, window = 0, Window(self.house)
        while time.perf_counter() < until_s:
            await self._come(next(coming))
        return window.end()

    async def _come(self, comer: tuple[int, str]) -> None:
        [socket] = await self._connect([comer])
        self.arrived += 1
        socket.close()

    async def say(self, seconds: float) -> Window:
        """Lines to all viewers, who are in one room, each when all have the one before."""
        line = PLAIN.frame({"type": "chat.say", "text": TEXT})
        until_s, self.heard = time.perf_counter() + seconds, 0
        for socket in self.viewers:
            socket.hear = self._hear_line
        window = Window(self.house)
        while time.perf_counter() < until_s:
            self.bettors[0].say(line)
            self._all_heard.clear()
            async with asyncio.timeout(PATIENCE_S):
                await self._all_heard.wait()
        return window.end()

    def close(self) -> None:
        """Hang up."""
        for socket in (*self.bettors, *self.viewers):
            socket.close()
        self.bettors, self.viewers = [], []

    def _hear(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b"bet.ac":
            self.accepted += 1
            if self._is_on:
                socket.say(bet_frame(socket))
        elif kind in (b"bet.re", b'error"'):
            self._refused.append(payload)

    def _hear_line(self, socket: Socket, kind: bytes, payload: bytes) -> None:
        if kind == b'chat",':
            self.heard += 1
            if self.heard % len(self.viewers) == 0:
                self._all_heard.set()
