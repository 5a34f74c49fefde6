"""A browser that keeps nothing for a page: every page works, and nothing is asked of it twice."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, visit
from tests.browser.test_browser import ask_question, bet, expect_purse
from tests.browser.test_people import code_of
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

BLOCK = """for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => { throw new DOMException("no", "SecurityError"); };
    Object.defineProperty(window, name, { get });
}"""


def test_it_plays_where_the_browser_keeps_nothing(browser: Browser, house: House) -> None:
    host = visit(browser, "about:blank", PHONE)
    mika = visit(browser, "about:blank", PHONE)
    for page in (host, mika):
        page.add_init_script(BLOCK)
        page.goto(house.url)
        expect(page.get_by_role("button", name="Step in")).to_be_enabled()
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill("Nothing is kept")
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    ask_question(host, "Rain?", ["Yes", "No"], "When I lock")
    mika.get_by_label("Room code").fill(code_of(host))
    mika.get_by_role("button", name="Step in").click()
    mika.locator("[data-gate=stranger]").get_by_role("button", name="Step in").click()
    bet(mika, "A", "100")
    for path in ("evening/", "map/", "screen/"):
        check(mika, f"{house.url}/r/{code_of(host)}/{path}")
    for path in ("/me/", "/me/where/", "/sign-in/", "/"):
        check(mika, house.url + path)
    mika.goto(f"{house.url}/r/{code_of(host)}/")
    expect_purse(mika, "900")
    assert host.problems == mika.problems == []


def check(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("main :text('Looking…'):visible")).to_have_count(0)
