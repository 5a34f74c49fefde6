"""A wrong result: seen by everybody, changed in time, withdrawn, and then official."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browsers import DESKTOP, PHONE, shoot, visit
from tests.browser.test_browser import HD, ask_question, bet, expect_state, settle, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_a_wrong_result_is_changed_with_two_taps_before_anybody_is_paid(
    house: House, browser: Browser
) -> None:
    host = visit(browser, house.url, DESKTOP)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill("The wrong winner")
    host.get_by_label("A result can be changed for").select_option("30")
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    code = host.locator("main").get_attribute("data-code") or ""
    ana, bo = (visit(browser, house.url, PHONE) for _ in range(2))
    for page in (ana, bo):
        step_in(page, code)
    screen = visit(browser, f"{house.url}/r/{code}/screen/", HD)
    ask_question(host, "Who wins?", ["Red", "Blue"], "When I lock")
    bet(ana, "A", "100")
    bet(bo, "B", "50")
    host.get_by_role("button", name="Lock now").click()
    settle(host, "B")
    for page in (host, ana, screen):
        expect(page.locator("[data-state]")).to_have_text("Unofficial")
        expect(page.locator("[data-remark]")).to_have_text("Blue · 1 person will get 150")
        shoot(page, "unofficial")
    host.get_by_role("button", name="Change").click()
    shoot(host, "unofficial-change")
    host.get_by_role("group", name="Another result").get_by_role("button", name="Red").click()
    for page in (ana, screen):
        expect(page.locator("[data-remark]")).to_have_text("Red · 1 person will get 150")
    host.get_by_role("button", name="Withdraw").click()
    expect_state(ana, "locked", "Locked")
    settle(host, "A")
    expect(ana.locator("[data-clock]")).to_contain_text("official in")
    expect(ana.locator("[data-ring][data-status=settled]")).to_be_visible(timeout=45_000)
    expect(ana.locator("[data-purse] [data-coins]")).to_have_text("1,050")
    expect(bo.locator("[data-purse] [data-coins]")).to_have_text("950")
