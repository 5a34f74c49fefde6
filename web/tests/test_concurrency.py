"""A crowd that asks at the same moment waits its turn; connections are left for the others."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from web.limits import REQUESTS_AT_ONCE_MAX, REQUESTS_WAITING_MAX
from web.server import concurrency


class HeldView:
    """A view that works as long as it is told, and counts how many it works for."""

    def __init__(self) -> None:
        self.at_once = self.most = 0
        self.open = asyncio.Event()
        self.enter = concurrency.limit_concurrency(self._work)

    async def _work(self, _request: HttpRequest) -> HttpResponse:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        return HttpResponse()

    def ask(self, path: str) -> "asyncio.Task[HttpResponse]":
        return asyncio.create_task(self.enter(RequestFactory().get(path)))


async def test_it_works_for_so_many_at_once_and_then_for_the_others() -> None:
    view = HeldView()
    asked = [view.ask("/api/rooms/") for _ in range(3 * REQUESTS_AT_ONCE_MAX)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert view.at_once == REQUESTS_AT_ONCE_MAX
    view.open.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    assert view.most == REQUESTS_AT_ONCE_MAX


async def test_it_says_busy_to_who_waited_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "PATIENCE_S", 0.01)
    view = HeldView()
    working = [view.ask("/api/rooms/") for _ in range(REQUESTS_AT_ONCE_MAX)]
    machine, person = await asyncio.gather(view.ask("/in/traccar/"), view.ask("/"))
    assert (machine.status_code, machine["Retry-After"]) == (503, "1")
    assert b'"code": "busy"' in machine.content
    assert (person.status_code, person["Content-Type"]) == (503, "text/plain; charset=utf-8")
    view.open.set()
    await asyncio.gather(*working)
    assert (await view.ask("/")).status_code == 200


async def test_it_turns_away_at_once_when_the_queue_is_full() -> None:
    view = HeldView()
    waiting = REQUESTS_AT_ONCE_MAX + REQUESTS_WAITING_MAX
    asked = [view.ask("/api/rooms/") for _ in range(waiting + 5)]
    done, _pending = await asyncio.wait(asked, timeout=30, return_when="FIRST_COMPLETED")
    assert {task.result().status_code for task in done} == {503}
    assert len(done) == 5
    view.open.set()
    await asyncio.gather(*asked)


async def test_it_holds_up_no_files_of_pages(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.js").write_text("start();")
    settings.STATIC_ROOT, settings.SERVESTATIC_USE_MANIFEST = tmp_path, False
    monkeypatch.setattr(concurrency, "PATIENCE_S", 0.01)
    view, house, paths = HeldView(), ASGIHandler(), ("/static/page.js", "/static/none.js", "/")
    working = [view.ask("/api/rooms/") for _ in range(REQUESTS_AT_ONCE_MAX)]
    await asyncio.sleep(0)
    asked = [house.get_response_async(AsyncRequestFactory().get(path)) for path in paths]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200, 503, 503]
    view.open.set()
    await asyncio.gather(*working)


async def test_it_lets_watchers_through_always() -> None:
    view = HeldView()
    working = [view.ask("/api/rooms/") for _ in range(2 * REQUESTS_AT_ONCE_MAX)]
    watching = [view.ask(path) for path in ("/healthz/", "/readyz/", "/metrics/")]
    await asyncio.sleep(0)
    assert view.at_once == REQUESTS_AT_ONCE_MAX + len(watching)
    view.open.set()
    await asyncio.gather(*working, *watching)
