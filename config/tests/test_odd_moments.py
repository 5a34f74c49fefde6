"""Pages at odd moments: before their scripts came, after the back button, without a certificate."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from config.tests.browsers import DESK, PHONE, visit
from config.tests.servers import House, house_in
from config.tests.test_browser import ask_question, bet, step_in
from config.tests.test_place_pages import HALL, stand

pytestmark = [pytest.mark.browser, pytest.mark.server]

# What browsers keep from a page that came by plain http from another machine.
PLAIN_HTTP = """
delete Crypto.prototype.randomUUID;
for (const name of ["clipboard", "wakeLock"]) delete Navigator.prototype[name];
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="100") as made,
    ):
        yield made


@pytest.mark.parametrize(
    "path",
    ["/", "/rooms/new/", "/sign-in/", "/me/", "/me/where/", "/r/ABCDEF/", "/r/ABCDEF/map/"],
)
def test_it_offers_no_button_before_somebody_listens(
    browser: Browser, house: House, path: str
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    page.route("**/*.js", lambda script: script.abort())
    page.goto(house.url + path)
    expect(page.locator("footer")).to_be_visible()
    expect(page.locator("button:visible:enabled")).to_have_count(0)


def test_it_asks_for_the_position_when_the_box_was_ticked_too_early(
    browser: Browser, house: House
) -> None:
    page = browser.new_context(viewport=DESK, locale="en").new_page()
    stand(page, HALL)
    late: list[Route] = []
    page.route("**/new-room*.js", lambda script: late.append(script))
    with page.expect_request("**/new-room*.js"):
        page.goto(f"{house.url}/rooms/new/", wait_until="commit")
    page.get_by_text("This room is where I am now").click()
    expect(page.get_by_label("This room is where I am now")).to_be_checked()
    late[0].continue_()
    expect(page.get_by_text("This browser is exact to 8 m.")).to_be_visible()


def test_it_plays_where_phones_reach_the_house_without_a_certificate(
    browser: Browser, house: House
) -> None:
    host, mika = (visit(browser, house.url, size) for size in (DESK, PHONE))
    for page in (host, mika):
        page.add_init_script(PLAIN_HTTP)
    host.goto(f"{house.url}/rooms/new/")
    host.get_by_label("Title").fill("Snails by plain http")
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    mika.reload()
    step_in(mika, re.search(r"/r/(\w{6})/", host.url)[1])
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    bet(mika, "A", "50")
    mika.get_by_label("Say something").fill("Go, Lettuce!")
    mika.get_by_role("button", name="Send").click()
    expect(host.locator(".chat li")).to_contain_text("Go, Lettuce!")
    host.locator("[data-invite]").click()
    expect(host.locator("[data-address]")).to_have_text(host.url)
    host.get_by_role("button", name="Copy the link").click()
    expect(host.get_by_role("button", name="Copied")).to_be_visible()
    assert host.problems == mika.problems == []
