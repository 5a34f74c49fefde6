"""Doing one thing many times at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

R = TypeVar("R")


def at_once(count: int, act: Callable[[], R]) -> list[R]:
    """Call `act` in so many threads that all start together; answers in any order."""
    barrier = threading.Barrier(count)

    def one(_: int) -> R:
        barrier.wait()
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
