"""Every request and socket has a name and is counted once, however it ends."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from web.server.metrics.request_metrics import RequestMetrics

GIVEN = "0123456789abcdef"
Message = dict[str, Any]
App = Callable[..., Awaitable[None]]


async def hello(_scope: Message, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def sit(_scope: Message, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    await receive()


async def send_away(_scope: Message, _receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4401})


async def come(app: App, scope: Message, goes_with: int = 1000) -> list[Message]:
    """Let an application answer at the door; gives what went out."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.disconnect", "code": goes_with}

    whole = {"headers": [], "client": ("192.0.2.7", 1), **scope}
    await RequestMetrics(app)(whole, receive, send)
    return sent


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(
    ("path", "route"), [("/api/rooms/", "api"), ("/in/traccar/", "devices"), ("*", "pages")]
)
async def test_it_counts_a_request_by_where_it_leads(path: str, route: str) -> None:
    before = count("ringside_http_seconds_count", route=route, status="200")
    await come(hello, {"type": "http", "path": path})
    assert count("ringside_http_seconds_count", route=route, status="200") == before + 1


async def test_it_counts_a_fault_that_nobody_answered() -> None:
    async def break_down(*_: object) -> None:
        raise ValueError

    before = count("ringside_http_seconds_count", route="api", status="500")
    with pytest.raises(ValueError):
        await come(break_down, {"type": "http", "path": "/api/rooms/"})
    assert count("ringside_http_seconds_count", route="api", status="500") == before + 1


async def test_it_takes_nobody_who_hangs_up_for_a_fault_of_ours() -> None:
    async def give_up(*_: object) -> None:
        """What Django does for somebody who went: it answers nothing."""

    async def be_cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    figures = {status: {"route": "api", "status": status} for status in ("499", "500")}
    before = {status: count("ringside_http_seconds_count", **figures[status]) for status in figures}
    await come(give_up, {"type": "http", "path": "/api/rooms/"})
    with pytest.raises(asyncio.CancelledError):
        await come(be_cancelled, {"type": "http", "path": "/api/rooms/"})
    after = {status: count("ringside_http_seconds_count", **figures[status]) for status in figures}
    assert after == {"499": before["499"] + 2, "500": before["500"]}


async def test_it_believes_the_name_of_a_trusted_proxy_only(settings: Any) -> None:
    asked = {"type": "http", "path": "/", "headers": [(b"x-request-id", GIVEN.encode())]}
    (strange,) = await come(hello, asked)
    assert re.fullmatch(rb"[0-9a-f]{32}", dict(strange["headers"])[b"x-request-id"])
    settings.TRUSTED_PROXIES = ["192.0.2.0/24"]
    (known,) = await come(hello, asked)
    assert dict(known["headers"])[b"x-request-id"] == GIVEN.encode()
    version = settings.SPECTACULAR_SETTINGS["VERSION"]
    assert dict(known["headers"])[b"ringside-version"] == version.encode()


@pytest.mark.parametrize(
    ("app", "goes_with", "code"),
    [(sit, 1001, "1001"), (sit, 3999, "others"), (send_away, 0, "4401")],
)
async def test_it_counts_a_socket_once_with_the_code_it_ended_with(
    app: App, goes_with: int, code: str
) -> None:
    name = "ringside_sockets_closed_total"
    before = count(name, kind="rooms", code=code)
    is_open = count("ringside_sockets", kind="rooms")
    await come(app, {"type": "websocket", "path": "/ws/rooms/ABCDEF/"}, goes_with)
    assert count(name, kind="rooms", code=code) == before + 1
    assert count("ringside_sockets", kind="rooms") == is_open
