"""SQL for coroutines of rooms and above: the house's one pool, and its refusal as a word."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from web import threads
from web.refusals import Refused

P = ParamSpec("P")
R = TypeVar("R")


async def read_sql(read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that reads or writes SQL in one of the house's four threads.

    Raises Refused "busy" when too many wait already or after two seconds; the function may
    finish all the same, so what it writes must be safe to repeat.
    """
    try:
        return await threads.read_sql(read, *args, **kwargs)
    except threads.TooBusy:
        raise Refused("busy") from None
