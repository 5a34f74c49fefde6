"""How many requests are worked on at once: as many as the database has connections for.

Each request that is worked on has a thread and may have a connection. Without a bound a crowd that
asks at the same moment takes all connections, and the clock and the sockets go without.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.decorators import async_only_middleware
from django.utils.translation import gettext

from web.limits import REQUESTS_AT_ONCE_MAX, REQUESTS_WAITING_MAX
from web.refusals import Refused
from web.server.error_pages import for_machines

View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

PATIENCE_S = 2.0
RETRY_AFTER_S = 1
# Monitoring must get its answers while the server is busy.
_WATCHERS = ("/healthz/", "/readyz/", "/readyz/all/", "/metrics/")


class Places:
    """The places of one running loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(REQUESTS_AT_ONCE_MAX)
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a place and hold it. Raises Refused: busy, after two seconds."""
        if self._waiting >= REQUESTS_WAITING_MAX:
            raise Refused("busy")
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._free.acquire()
        except TimeoutError:
            raise Refused("busy") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Places] = WeakKeyDictionary()


@async_only_middleware
def limit_concurrency(get_response: View) -> View:
    """Middleware: bounds the requests that are worked on at once.

    It runs in the event loop, behind static files, which need no database.
    """

    async def pass_through(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_WATCHERS):
            return await get_response(request)
        places = _by_loop.setdefault(asyncio.get_running_loop(), Places())
        try:
            async with places.one():
                return await get_response(request)
        except Refused:
            return _busy(request)

    return pass_through


def _busy(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        answer = for_machines(request, "busy", 503) or HttpResponse(
            gettext("Too many people at once. Load the page again in a moment."),
            content_type="text/plain; charset=utf-8",
            status=503,
        )
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer
