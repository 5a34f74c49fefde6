"""A first visit sends little, asks seldom and leaves nothing red in the console."""

import re
import sys

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import DESKTOP, PHONE
from tests.browser.test_browser import open_room
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


# With the heads of the answers, as they cross a wire without HTTP/2.
BYTES_MAX = {"lobby": 30_000, "room": 65_000, "screen": 60_000}
KEPT = """async () => {
    const found = await Promise.all((await caches.keys()).map(async (name) => {
        const kept = await (await caches.open(name)).keys();
        return kept.map((request) => new URL(request.url).pathname);
    }));
    return found.flat();
}"""
SLOWER, PATIENCE_MS = 4, 120_000
REQUESTS_MAX = {"lobby": 15, "room": 20, "screen": 20}


@pytest.fixture(scope="module")
def house(own_house: House) -> House:
    """One whose lobby lists no rooms of other tests."""
    return own_house


class FirstVisit:
    """A visitor with an empty cache and a slow phone; counts what crosses the wire."""

    def __init__(self, browser: Browser, url: str, size: dict[str, int]) -> None:
        self.page: Page = browser.new_context(viewport=size, locale="en").new_page()
        self.bytes = self.requests = 0
        self.red: list[str] = []
        self.page.on("console", lambda said: said.type == "error" and self.red.append(said.text))
        line = self.page.context.new_cdp_session(self.page)
        line.send("Network.enable")
        line.on("Network.loadingFinished", self._count)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.page.goto(url, wait_until="networkidle", timeout=PATIENCE_MS)

    @property
    def first_content_ms(self) -> float | None:
        """When there was something to see; what that is depends on the machine, too."""
        found: float | None = self.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
        )
        return found

    def _count(self, finished: dict[str, float]) -> None:
        self.bytes += int(finished["encodedDataLength"])
        self.requests += 1


def test_a_first_visit_is_small_and_without_a_red_line(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Snail Derby")
    code = re.search(r"/r/(\w{6})/", host.url)[1]
    visits = {
        "lobby": FirstVisit(browser, f"{house.url}/", PHONE),
        "room": FirstVisit(browser, f"{house.url}/r/{code}/", PHONE),
        "screen": FirstVisit(browser, f"{house.url}/r/{code}/screen/", DESKTOP),
    }
    for name, visit in visits.items():
        sys.stdout.write(
            f"{name}: {visit.bytes:,} bytes in {visit.requests} requests, "
            f"first content after {visit.first_content_ms} ms at {SLOWER} times slower\n"
        )
    large = [name for name, visit in visits.items() if visit.bytes > BYTES_MAX[name]]
    assert not large, f"{large} send more than {BYTES_MAX}"
    many = [name for name, visit in visits.items() if visit.requests > REQUESTS_MAX[name]]
    assert not many, f"{many} ask more often than {REQUESTS_MAX}"
    assert {name: visit.red for name, visit in visits.items() if visit.red} == {}


def test_it_says_that_there_is_no_network_and_keeps_nothing_else(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Snail Derby")
    host.evaluate("navigator.serviceWorker.ready.then(() => null)")
    room_url = host.url
    host.goto(f"{house.url}/me/")
    host.context.set_offline(True)
    host.goto(room_url)
    expect(host.get_by_role("heading", name="No connection")).to_be_visible()
    expect(host.get_by_role("button", name="Try again")).to_be_enabled()
    assert host.evaluate("getComputedStyle(document.body).fontFamily") != "Times New Roman"
    kept = host.evaluate(KEPT)
    assert [path for path in kept if not path.startswith("/static/")] == ["/offline/"]
    host.context.set_offline(False)
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    assert host.evaluate(KEPT) == kept
