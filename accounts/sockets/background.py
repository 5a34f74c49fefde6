"""Background steps of an event loop: repeated until cancelled, whatever fails in between."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


async def heard(event: asyncio.Event, patience_s: float) -> None:
    """Wait for an event, but not for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            await event.wait()
    event.clear()


async def forever(step: Callable[[], Awaitable[None]]) -> None:
    """Repeat a step until cancelled; a failure is logged once until it works again."""
    is_failing = False
    task = asyncio.current_task()
    # A cancellation that arrives together with an answer may be swallowed below us.
    while task and not task.cancelling():
        try:
            await step()
            is_failing = False
        except Exception as error:  # noqa: BLE001 - one engine that is away must stop nobody else.
            if not is_failing:
                why = error.__cause__ or error
                _log.warning("%s fails and is tried again: %r", step.__name__, why)
            is_failing = True
            await asyncio.sleep(0.5)
