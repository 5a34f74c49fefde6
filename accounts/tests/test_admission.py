"""The door of sockets: first come, first served, and no more than the loop bears."""

import asyncio
import time

import pytest

from accounts.handshake.admission import AT_A_TIME_MAX, BEAT_S, INSIDE_MAX, Admission


async def enter(door: Admission, order: list[int], number: int) -> None:
    await door.enter()
    order.append(number)


async def test_it_lets_in_at_once_who_comes_alone():
    door = Admission()
    await asyncio.wait_for(door.enter(), 5)


async def test_it_lets_all_in_in_their_order_and_so_many_at_once():
    door, order = Admission(), []
    coming = [asyncio.create_task(enter(door, order, number)) for number in range(200)]
    await asyncio.gather(*coming[:INSIDE_MAX])
    await asyncio.sleep(3 * BEAT_S)
    assert order == list(range(INSIDE_MAX))
    for entered in coming[:-INSIDE_MAX]:
        await entered
        door.leave()
    await asyncio.gather(*coming)
    assert order == list(range(200))


async def test_it_lets_fewer_in_while_the_loop_is_late():
    door, order = Admission(), []
    coming = [asyncio.create_task(enter(door, order, number)) for number in range(INSIDE_MAX)]
    for _ in range(2 * len(coming)):
        await asyncio.sleep(0)
        hold_up_the_loop()
        if door._at_a_time <= AT_A_TIME_MAX // 4:
            break
    assert door._at_a_time <= AT_A_TIME_MAX // 4
    await asyncio.gather(*coming)
    assert order == list(range(INSIDE_MAX))


def hold_up_the_loop() -> None:
    time.sleep(3 * BEAT_S)


async def test_it_gives_no_place_to_who_gave_up():
    door = Admission()
    for _ in range(INSIDE_MAX):
        await door.enter()
    gone, next_one = asyncio.create_task(door.enter()), asyncio.create_task(door.enter())
    await asyncio.sleep(0)
    gone.cancel()
    door.leave()
    await asyncio.wait_for(next_one, 5)


async def test_it_takes_back_the_place_of_who_gave_up_when_let_in():
    door = Admission()
    # No beat lets anybody in but the test.
    door._beating = asyncio.get_running_loop().create_future()
    for is_giving_up in [True] * INSIDE_MAX + [False]:
        coming = asyncio.create_task(door.enter())
        await asyncio.sleep(0)
        door._let_one_in()
        if is_giving_up:
            coming.cancel()
            with pytest.raises(asyncio.CancelledError):
                await coming
    await asyncio.wait_for(coming, 5)
