"""The event and the queue of a socket: as asyncio's, for one task that waits."""

import asyncio

import pytest

from web.server.single_waiter import Flag, Inbox


async def test_a_task_waits_until_the_flag_is_set() -> None:
    flag = Flag()
    waiting = asyncio.create_task(flag.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    flag.set()
    flag.clear()
    await waiting
    assert not flag.is_set()


async def test_a_task_that_is_cancelled_leaves_the_flag_to_the_next() -> None:
    flag = Flag()
    waiting = asyncio.create_task(flag.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    flag.set()
    await flag.wait()


async def test_it_takes_one_task_at_a_time() -> None:
    flag = Flag()
    waiting = asyncio.create_task(flag.wait())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await flag.wait()
    flag.set()
    await waiting


async def test_items_are_taken_in_their_order_and_waited_for() -> None:
    inbox = Inbox()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert [await inbox.get(), await inbox.get()] == [1, 2]
    assert inbox.empty()
    taking = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait(3)
    assert await taking == 3
