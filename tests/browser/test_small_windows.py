"""Small windows: nothing is scrolled sideways, no words lie on others, answers stand in full."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, shoot
from tests.browser.reflow import assert_reflows
from tests.browser.test_browser import Evening, ask_question, bet, settle
from tests.browser.test_people import say
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# 400 % of a window 1280 pixels wide, and a phone on its side.
ZOOMED, SIDEWAYS = {"width": 320, "height": 640}, {"width": 844, "height": 390}
QUESTION = "Where does the treasure hunt end tonight, and who will find it first?"
LONG = "which goes on for a while, to sixty"


def test_it_reads_in_a_window_at_four_times_and_on_its_side(browser: Browser, house: House) -> None:
    evening = read_the_evening(browser, house, (ZOOMED, SIDEWAYS), "narrow")
    labels = [f"Answer number {place} {LONG}" for place in range(10)]
    ask_question(evening.host, QUESTION, labels, "When I lock")
    ren = evening.ren
    expect(ren.locator("[data-ring] .post")).to_have_count(10)
    for size in (ZOOMED, PHONE, SIDEWAYS):
        ren.set_viewport_size(size)
        ren.evaluate("scrollTo(0, 0)")
        assert_reflows(ren, "ten long answers")
        shoot(ren, "ten-long")
        cut = ren.locator("[data-ring] .post-name").evaluate_all(
            "(names) => names.filter((one) => one.scrollHeight > one.clientHeight + 6).length"
        )
        assert cut == 0
    # On its side the first answer stands above the dock, whole.
    post, dock = (ren.locator(name).first.bounding_box() for name in (".post", ".dock"))
    assert post
    assert dock
    assert post["y"] + post["height"] <= dock["y"] + 1


def read_the_evening(
    browser: Browser, house: House, sizes: tuple[dict[str, int], ...], name: str
) -> Evening:
    """A question from opening to payout, its sheets and the other pages; returns the evening."""
    evening = Evening(browser, house.url)
    host, mika, ren = evening.everybody

    def read(page: Page, what: str) -> None:
        for size in sizes:
            page.set_viewport_size(size)
            assert_reflows(page, what)
            shoot(page, f"{name}-{what}")

    say(ren, "A line of chat that is long enough to need a second one")
    ask_question(host, QUESTION, ["Turbo Lettuce", "The Duchess", "Old Gravy"], "5 min")
    bet(mika, "A", "100")
    bet(ren, "B", "50")
    read(mika, "open")
    read(host, "host")
    for sheet in ("invitation", "new-question", "end-room", "person", "keep-room"):
        host.evaluate("(name) => document.getElementById(name).showModal()", sheet)
        read(host, sheet)
        host.get_by_role("button", name="Close").click()
    host.get_by_role("button", name="Lock now").click()
    evening.see("locked", "Locked")
    read(mika, "locked")
    settle(host, "A")
    evening.see("settled", "Paid")
    expect(mika.locator(".net")).to_be_visible()
    read(mika, "paid")
    for path, what in (("me/", "me"), (f"r/{evening.code}/evening/", "evening"), ("", "lobby"),
                       ("rooms/new/", "new-room"), ("sign-in/", "sign-in"), ("nowhere/", "404"),
                       ("me/where/", "where"), (f"r/{evening.code}/map/", "map")):  # fmt: skip
        mika.goto(f"{house.url}/{path}")
        expect(mika.locator("main :text('Looking…'):visible")).to_have_count(0)
        read(mika, what)
    return evening
