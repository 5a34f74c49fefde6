"""An event and a queue for one task that waits: a fifth of what asyncio's own take.

Every socket has three of them, mostly idle, and asyncio's make a queue for those who might wait.
"""

import asyncio
from typing import Any


class Flag:
    """As asyncio.Event, for one task at a time."""

    __slots__ = ("_is_set", "_waiter")

    def __init__(self, *, is_set: bool = False) -> None:
        self._is_set = is_set
        self._waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        """Whether nobody has to wait."""
        return self._is_set

    def set(self) -> None:
        """Let the task that waits go on, and none wait until it is cleared."""
        self._is_set = True
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        """Let the next that comes wait."""
        self._is_set = False

    async def wait(self) -> None:
        """Wait until it is set. Raises RuntimeError where another task waits already."""
        if self._is_set:
            return
        if self._waiter:
            raise RuntimeError("another task waits already")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class Inbox:
    """As asyncio.Queue without a limit, for one task that takes."""

    __slots__ = ("_filled", "_items")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._filled = Flag()

    def empty(self) -> bool:
        """Whether there is nothing to take."""
        return not self._items

    def put_nowait(self, item: Any) -> None:
        """Add an item."""
        self._items.append(item)
        self._filled.set()

    async def get(self) -> Any:
        """Take the oldest item, and wait for one where there is none."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._items.pop(0)
