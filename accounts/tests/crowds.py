"""Doing things at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

R = TypeVar("R")


def at_once(count: int, act: Callable[[], R]) -> list[R]:
    """Call `act` in so many threads that all start together; answers in any order."""
    return each_at_once(*[act] * count)


def each_at_once(*acts: Callable[[], R]) -> list[R]:
    """Call each act in a thread of its own, all together; returns answers in their order."""
    barrier = threading.Barrier(len(acts))

    def one(act: Callable[[], R]) -> R:
        barrier.wait()
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))
