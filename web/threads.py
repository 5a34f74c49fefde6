"""SQL for sockets: a small pool of threads, a short patience, and no queue without end."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from web.refusals import Refused

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
WAITING_MAX = 500
PATIENCE_S = 2.0
# A connection that worked so lately is not asked whether it still does.
PROVEN_FOR_S = 1.0
KEPT_FOR_S = 30.0

_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read-sql")
_places = threading.Semaphore(WAITING_MAX)
_used = threading.local()


def _read(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    _let_go_of_old()
    try:
        return fn(*args, **kwargs)
    except (InterfaceError, OperationalError):
        # It may be dead; the next read opens a new one.
        connection.close()
        raise
    finally:
        _used.at_s = time.monotonic()


def _let_go_of_old() -> None:
    """Keep this thread's connection while it is in use: opening one costs as much as a read."""
    idle_s = time.monotonic() - getattr(_used, "at_s", 0.0)
    is_dead = idle_s > PROVEN_FOR_S and connection.connection and not connection.is_usable()
    if is_dead or idle_s > KEPT_FOR_S:
        connection.close()


async def read_sql(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that reads or writes SQL in one of this process's four threads.

    Raises Refused: busy, unavailable. Busy: too many wait already, or two seconds have passed; the
    function may finish all the same, so what it writes must be safe to repeat. Unavailable: the
    database did not answer, and what it said is the refusal's cause.
    """
    if not _places.acquire(blocking=False):
        raise Refused("busy")
    # Its context holds the reader's language, in which the thread may refuse.
    work = _pool.submit(copy_context().run, lambda: _read(fn, *args, **kwargs))
    work.add_done_callback(lambda _work: _places.release())
    try:
        # Not wait_for: before Python 3.12 it may swallow a cancellation.
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.wrap_future(work)
    except TimeoutError:
        raise Refused("busy") from None
    except (InterfaceError, OperationalError) as error:
        raise Refused("unavailable") from error


def is_in_loop() -> bool:
    """Whether this thread runs an event loop, which must not be held up."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
