"""A player's page keeps still while coins move, and tells what happened without its player."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.browser.honest.test_dead_zone import find_network, lose_network
from tests.browser.test_browser import ask_question, bet, expect_state, open_room, settle, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

SHIFT_MOST = 0.02
# As browsers count it: what follows a press within half a second is wanted.
NOTE_SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (hadRecentInput) continue;
    shifts.push([value, sources.map(({ node, previousRect, currentRect }) =>
      [node?.className ?? node?.nodeName, previousRect.top, currentRect.top])]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def shifts(page: Page) -> list[Any]:
    return page.evaluate("shifts")


def expect_news(page: Page, words: str, *rows: tuple[str, ...]) -> None:
    """The line says how much happened, and the sheet behind it what."""
    expect(page.locator("[data-away] span")).to_have_text(words)
    shoot(page, f"away-{len(rows)}")
    page.get_by_role("button", name="See", exact=True).click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("li")).to_have_count(len(rows))
    for place, parts in enumerate(rows):
        for part in parts:
            expect(sheet.locator("li").nth(place)).to_contain_text(part)
    expect(sheet.get_by_role("link", name="Every coin")).to_have_attribute("href", "/me/#ledger")
    shoot(page, f"away-sheet-{len(rows)}")
    assert_fits(page)
    sheet.get_by_role("button", name="Close").click()
    expect(page.locator("[data-away]")).to_be_hidden()


def bet_on_fourth(host: Page, mika: Page) -> None:
    """What was won stands on the page after a reload, too."""
    ask_question(host, "Fourth?", ["Yes", "No"], "When I lock")
    bet(mika, "B", "10")
    host.get_by_role("button", name="Lock now").click()
    expect(mika.locator("[data-ticket=void]")).to_contain_text("Given back")
    mika.reload()
    expect(mika.locator("[data-ticket=void]")).to_contain_text("Given back")


def test_it_keeps_still_and_tells_what_was_missed(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Still and told")
    mika, ren = (visit(browser, house.url, PHONE) for _person in range(2))
    for page in (mika, ren):
        step_in(page, host.url.split("/")[4])
    ask_question(host, "First?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika.add_init_script(NOTE_SHIFTS)
    mika.reload()
    expect_state(mika, "open", "Open")
    bet(ren, "B", "50")
    expect(mika.locator("[data-remark]")).to_have_text("Needs someone on the other side")
    bet(mika, "A", "100")
    expect(mika.locator("[data-remark]")).to_be_empty()
    host.get_by_role("button", name="Lock now").click()
    expect_state(mika, "locked", "Locked")
    settle(host, "A")
    expect(mika.locator("[data-ticket=settled]")).to_contain_text("You won")
    expect(mika.locator("[data-ticket] a")).to_have_attribute("href", "/me/#ledger")
    seen = shifts(mika)
    assert sum(value for value, _sources in seen) <= SHIFT_MOST, seen

    ask_question(host, "Second?", ["Yes", "No"], "When I lock")
    bet(mika, "A", "10")
    bet(ren, "B", "10")
    lose_network(mika)
    host.get_by_role("button", name="Lock now").click()
    settle(host, "A")
    ask_question(host, "Third?", ["Yes", "No"], "When I lock")
    find_network(mika)
    expect_news(mika, "While you were away: 2 things happened",
                ("Third?", "Open"), ("Second?", "Paid · Yes won", "+10", "20 back"))  # fmt: skip
    mika.goto(f"{house.url}/me/")
    host.get_by_role("button", name="Lock now").click()
    expect_state(host, "void", "Refunded")
    mika.goto(host.url)
    expect_news(mika, "While you were away: 1 thing happened", ("Third?", "Refunded"))
    mika.reload()
    expect_state(mika, "void", "Refunded")
    bet_on_fourth(host, mika)
    expect(mika.locator("[data-away]")).to_be_hidden()
    assert mika.problems == []
