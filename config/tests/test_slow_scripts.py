"""A page that is drawn before its scripts came, as on a slow line: no tap on it is lost."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from config.tests.browsers import DESK, PHONE
from config.tests.servers import House, house_in
from config.tests.test_place_pages import HALL, stand

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="house-") as folder, house_in(Path(folder)) as made:
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
