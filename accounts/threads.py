"""SQL for sockets: a small pool of threads, a short patience, and no queue without end."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
WAITING_MAX = 500
PATIENCE_S = 2.0

_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read-sql")
_places = threading.Semaphore(WAITING_MAX)


class TooBusy(Exception):
    """The read did not come back in time, or too many wait for one; nothing is known."""


def _read(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    close_old_connections()
    try:
        return fn(*args, **kwargs)
    finally:
        close_old_connections()


async def read_sql(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that reads SQL in one of 4 threads; raises TooBusy after 2 s.

    A read that nobody waits for any more keeps its place until its thread has ended.
    """
    if not _places.acquire(blocking=False):
        raise TooBusy
    work = _pool.submit(lambda: _read(fn, *args, **kwargs))
    work.add_done_callback(lambda _work: _places.release())
    try:
        # Not wait_for: before Python 3.12 it may swallow a cancellation.
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.wrap_future(work)
    except TimeoutError:
        raise TooBusy from None
