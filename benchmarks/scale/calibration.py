"""What single operations cost: each is measured by itself, on a house with one web process."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace

from benchmarks.scale.capacity import (
    BY_CLUB,
    KINDS,
    RECORDINGS_PER_S,
    US,
    Costs,
    Mix,
    Site,
    spent_beside,
    split,
)
from benchmarks.scale.evening import Evening, Tokens, Window
from benchmarks.scale.house import CLUBS, ROOMS, WideHouse
from benchmarks.sockets import PLAIN, connect_all

# Ninety-six bet on one market, then four on each of twelve; the crowd shows what is left idle.
TOGETHER = Mix(rooms=1, clubs=1, bettors=96)
APART = Mix(rooms=ROOMS, clubs=CLUBS, bettors=4 * ROOMS)
CROWD = Mix(rooms=ROOMS, clubs=CLUBS, bettors=32 * ROOMS)
HALL, MESSAGES = 400, 5_000
SMALLEST = Site(web=1, primaries=1, cores=os.cpu_count() or 1)
Spent = dict[str, float]


async def calibrate(house: WideHouse, seconds: float) -> Costs:
    """Measure every operation for so long."""
    idle = await _idle(house, seconds)
    hall = await house.make_people(HALL, rooms=1)
    storm = await _storm(house, hall, idle)
    delivery, message = await _deliver(house, hall, seconds, idle)
    crowd = await house.make_people(CROWD.bettors)
    room, arrival = await _come(house, crowd, seconds, idle)
    known = Costs(arrival=arrival, delivery=delivery, message=message, idle=idle, room=room,
                  storm=storm, bet={}, call={}, recording={})  # fmt: skip
    return await _bet(house, known, (hall, crowd), seconds)


async def _idle(house: WideHouse, seconds: float) -> Spent:
    window = Window(house)
    await asyncio.sleep(seconds)
    return {kind: US * cores for kind, cores in window.end().cores.items()} | {"load": 0.0}


async def _storm(house: WideHouse, people: Tokens, idle: Spent) -> Spent:
    window = Window(house)
    sockets = await connect_all(PLAIN, [house.person(*each) for each in people])
    window.end()
    for socket in sockets:
        socket.close()
    return each_of(len(people), window, idle)


async def _deliver(
    house: WideHouse, hall: Tokens, seconds: float, idle: Spent
) -> tuple[Spent, Spent]:
    """A line to one of a hall, and a message between processes."""
    evening = Evening(house)
    await evening.seat(hall[:1], hall[1:])
    window = await evening.say(seconds)
    delivery = each_of(evening.heard, window, idle)
    window = Window(house)
    sent_s = await asyncio.to_thread(house.publish, MESSAGES)
    message = each_of(MESSAGES, window.end(), idle)
    # A web process sends them, and is who receives them.
    message["web"] += US * sent_s / MESSAGES
    evening.close()
    return delivery, message


async def _come(
    house: WideHouse, people: Tokens, seconds: float, idle: Spent
) -> tuple[Spent, Spent]:
    """A second of a room with people, and somebody who comes in and goes."""
    evening = Evening(house)
    middle = len(people) // 2
    await evening.seat([], people[:middle])
    window = Window(house)
    await asyncio.sleep(seconds)
    seated = {kind: US * cores for kind, cores in window.end().cores.items()}
    room = {kind: max(us - idle[kind], 0) / ROOMS for kind, us in seated.items()}
    window = await evening.come_in_turn(seconds, people[middle:])
    evening.close()
    return room, each_of(evening.arrived, window, seated)


async def _bet(
    house: WideHouse, known: Costs, people: tuple[Tokens, Tokens], seconds: float
) -> Costs:
    found: list[Spent] = []
    calls: list[float] = []
    recordings: list[float] = []
    for mix, some in ((TOGETHER, people[0]), (APART, people[1])):
        window, bets = await evening_of(house, mix, some[: mix.bettors], seconds)
        beside = {kind: spent_beside(known, SMALLEST, mix, kind) for kind in KINDS}
        found.append(each_of(bets, window, beside))
        calls.append(window.calls / bets)
        recordings.append(mix.clubs * RECORDINGS_PER_S * window.lasted_s / bets)
    crowd, _bets = await evening_of(house, CROWD, people[1], seconds)
    by_call, by_club = split(found, calls), split(found, recordings)
    return replace(
        known, busy_share=crowd.busy_share,
        bet={kind: (by_club if kind in BY_CLUB else by_call)[0][kind] for kind in KINDS},
        call={kind: by_call[1][kind] for kind in KINDS if kind not in BY_CLUB},
        recording={kind: by_club[1][kind] for kind in BY_CLUB},
    )  # fmt: skip


async def evening_of(
    house: WideHouse, mix: Mix, people: Tokens, seconds: float, comers: Tokens = ()
) -> tuple[Window, int]:
    """Have people bet, and others look on, for so long; what was spent, and how many bets."""
    evening = Evening(house)
    await evening.seat(people[: mix.bettors], people[mix.bettors :])
    window = await evening.bet(seconds, comers, mix.arrivals_per_s)
    evening.close()
    return window, evening.accepted


def each_of(count: int, window: Window, beside: Mapping[str, float]) -> Spent:
    """Microseconds of each of so many, without what is spent beside in a second."""
    return {kind: max(US * spent_s - beside[kind] * window.lasted_s, 0) / count
            for kind, spent_s in window.spent_s.items()}  # fmt: skip
