"""Every request and socket gets an id for the logs, is timed and counted.

The id is that of a trusted proxy (X-Request-ID) or made here, goes back in the answer and stands
in every line that is logged on the way.
"""

import re
import time
import uuid
from collections.abc import Awaitable

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram
from structlog.contextvars import bind_contextvars

from web.addresses import UNIX, is_among
from web.asgi_types import Application, Event, Receive, Scope, Send
from web.close_codes import Close

Heads = list[tuple[bytes, bytes]]

HEADER = b"x-request-id"
_VERSION = (b"ringside-version", str(settings.SPECTACULAR_SETTINGS["VERSION"]).encode())
# The status of a request whose caller went before the answer, as nginx counts it.
HUNG_UP = "499"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_ROUTES = {
    "api": "api", "in": "devices", "admin": "admin", "static": "static",
    "healthz": "health", "readyz": "health", "metrics": "health",
}  # fmt: skip
_SOCKETS = ("rooms", "locations")
# A client may close with any number; these are the ones with a meaning.
_CODES = frozenset(Close) | {1000, 1001, 1005, 1006, 1011}

requests = Histogram(
    "ringside_http_seconds", "Answered requests", ["route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
sockets = Gauge("ringside_sockets", "Open sockets", ["kind"], multiprocess_mode="livesum")
closed = Counter("ringside_sockets_closed", "Closed sockets, by close code", ["kind", "code"])
refused = Counter("ringside_handshakes_refused", "Sockets refused before they were", ["status"])
# Present from the start at 0, so that Prometheus sees its first rise.
for _status in ("403", "404", "503"):
    refused.labels(_status)
for _kind in _SOCKETS:
    sockets.labels(_kind)
    closed.labels(_kind, "1011")
for _route in ("api", "pages"):
    requests.labels(_route, "500")


class RequestMetrics:
    """ASGI middleware, the outermost: it must see who really calls."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request an id, pass it on, count how it ended."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        heads = _heads(scope)
        # A caller that hangs up before the answer is no fault of ours.
        status = HUNG_UP

        async def answer(message: Event) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                message = _with_heads(message, heads)
            await send(message)

        began_s = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception:
            status = "500"
            raise
        finally:
            route = _ROUTES.get(_part(scope, 1), "pages")
            requests.labels(route, status).observe(time.perf_counter() - began_s)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        second = _part(scope, 2)
        kind = second if second in _SOCKETS else "others"
        one = _Socket(kind, _heads(scope), receive, send)
        try:
            await self._app(scope, one.receive, one.send)
        finally:
            one.end()


class _Socket:
    """One socket as it is counted: open from its accept to its first close, of either side."""

    def __init__(self, kind: str, heads: Heads, receive: Receive, send: Send) -> None:
        self._kind, self._heads = kind, heads
        self._receive, self._send = receive, send
        self._is_open = False

    async def receive(self) -> Event:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._close(message.get("code", 1006))
        return message

    def send(self, message: Event) -> Awaitable[None]:
        kind = message["type"]
        # By far the most are frames: they pass untouched.
        if kind == "websocket.accept":
            self._is_open = True
            sockets.labels(self._kind).inc()
            message = _with_heads(message, self._heads)
        elif kind == "websocket.close":
            self._close(message.get("code", 1000))
        elif kind == "websocket.http.response.start":
            refused.labels(str(message["status"])).inc()
        return self._send(message)

    def end(self) -> None:
        self._close(1006)

    def _close(self, code: int) -> None:
        if self._is_open:
            self._is_open = False
            sockets.labels(self._kind).dec()
            closed.labels(self._kind, str(code) if code in _CODES else "others").inc()


def _part(scope: Scope, number: int) -> str:
    """A part of the path, counted from 1; a path may be as short as `*`."""
    parts: list[str] = scope["path"].split("/", number + 1)
    return parts[number] if len(parts) > number else ""


def _name(scope: Scope) -> bytes:
    """The id of this request or socket, from now on in every line that is logged for it."""
    given = next((v.decode("latin-1") for k, v in scope["headers"] if k == HEADER), "")
    peer = (scope.get("client") or (UNIX, 0))[0]
    is_good = _SHAPE.fullmatch(given) and is_among(peer, tuple(settings.TRUSTED_PROXIES))
    chosen = given if is_good else uuid.uuid4().hex
    bind_contextvars(request_id=chosen)
    return chosen.encode()


def _heads(scope: Scope) -> Heads:
    """What an answer tells of itself: its id and, but for files, the version of the API."""
    told = [(HEADER, _name(scope))]
    if _part(scope, 1) != "static":
        told.append(_VERSION)
    return told


def _with_heads(message: Event, heads: Heads) -> Event:
    return {**message, "headers": [*message.get("headers", []), *heads]}
