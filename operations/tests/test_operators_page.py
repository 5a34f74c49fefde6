"""“Why can't they connect?” as operators see it, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

PASSWORD = "correct horse battery"


def refused_from(house: House, origin: str) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"{house.ws_url}/ws/rooms/ABCDEF/", origin=origin, proxy=None)  # type: ignore[arg-type]


def operator(browser: Browser, house: House, size: dict[str, int], locale: str = "en") -> Page:
    page = visit(browser, f"{house.url}/admin/login/?next=/admin/", size, locale=locale)
    page.locator("[name=username]").fill("olga@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    return page


def test_it_shows_the_last_refusals_and_tries_from_here(browser: Browser, house: House) -> None:
    house.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    made = house.manage(
        "createsuperuser", "--noinput", "--email", "olga@example.org", "--nickname", "Olga"
    )
    assert made.returncode == 0, made.stderr
    refused_from(house, "https://evil.example")
    page = operator(browser, house, DESKTOP)
    page.get_by_role("link", name="Why can't they connect?").click()
    expect(page.locator("[data-refusals]")).to_contain_text(
        "The Origin https://evil.example is not allowed."
    )
    shoot(page, "handshakes")
    page.get_by_label("Origin of their page").fill("https://evil.example")
    page.get_by_role("button", name="Try it from here").click()
    expect(page.locator(".errornote")).to_contain_text("https://evil.example")
    shoot(page, "handshakes-tried")
    small = operator(browser, house, PHONE, locale="ko")
    small.goto(f"{house.url}/admin/handshakes/")
    expect(small.get_by_role("heading", name="왜 연결되지 않을까요?")).to_be_visible()
    refusals = small.locator("[data-refusals]")
    expect(refusals).to_contain_text("출처 https://evil.example은(는) 허용되지 않아요.")
    shoot(small, "handshakes-ko")
    assert_fits(page)
    assert_fits(small)
