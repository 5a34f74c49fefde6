"""The host prepares, orders by keys, and lets the next question open; a blind one on every page."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import bet, open_room, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

HD = {"width": 1920, "height": 1080}
# A line or two of small text with a mark for each answer.
MARKS_PX_MAX = 60


def prepare(host: Page, question: str, *, is_blind: bool = False) -> None:
    host.get_by_role("button", name="New question").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Question", exact=True).fill(question)
    for letter, answer in (("A", "Red"), ("B", "Blue")):
        sheet.get_by_label(f"Answer {letter}", exact=True).fill(answer)
    sheet.get_by_text("When I lock", exact=True).click()
    if is_blind:
        sheet.get_by_text("Limits and rules").click()
        sheet.get_by_label("Blind: hide odds and shares until the lock").check()
    sheet.get_by_role("button", name="Keep for later").click()
    expect(sheet).to_be_hidden()


def expect_order(host: Page, *questions: str) -> None:
    expect(host.locator("li[data-draft] bdi")).to_have_text(list(questions))


def test_it_plays_what_was_prepared_in_order(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Run of show")
    code = host.locator("main").get_attribute("data-code")
    ana, bo = visit(browser, house.url, PHONE), visit(browser, house.url, PHONE)
    for page in (ana, bo):
        step_in(page, code)
    for question in ("First?", "Second?", "Thrid?"):
        prepare(host, question, is_blind=question == "First?")
    # Players know that something comes, and nothing else.
    expect(ana.get_by_text("The host has something ready.")).to_be_visible()
    assert "First?" not in ana.content()
    correct(host, "Thrid?", "Third?")
    expect_order(host, "First?", "Second?", "Third?")
    third = host.locator("li[data-draft]", has_text="Third?")
    expect(third.get_by_role("button", name="Edit")).to_be_focused()
    move_up(host, "Third?")
    expect_order(host, "First?", "Third?", "Second?")
    second = host.locator("li[data-draft]", has_text="Second?")
    second.get_by_role("button", name="Duplicate").click()
    expect_order(host, "First?", "Third?", "Second?", "Second? (2)")
    copy = host.locator("li[data-draft]", has_text="Second? (2)")
    copy.get_by_role("button", name="Remove").click()
    expect_order(host, "First?", "Third?", "Second?")
    third.get_by_label("Open when the one before is paid").check()
    for size in (PHONE, DESKTOP):
        host.set_viewport_size(size)
        assert_fits(host)
        shoot(host, "prepared")
    tap_open_twice(host, "First?")
    expect_order(host, "Third?", "Second?")
    show_blind(browser, house, (host, ana, bo), code)
    host.get_by_role("button", name="Lock now").click()
    expect(ana.locator("[data-ring] .post-odds").first).to_have_text("×2.50")
    show_lines(ana)
    host.get_by_role("button", name="What happened?").click()
    host.get_by_role("dialog").locator(".post[data-outcome=A]").click()
    pay = host.locator("[data-pay]")
    expect(pay).to_be_enabled()
    pay.press("Enter")
    pay.press("Enter")
    expect(ana.locator("[data-ring] [data-question]")).to_have_text("Third?")
    expect_order(host, "Second?")


def tap_open_twice(host: Page, question: str) -> None:
    """It opens one: the next row, which moves under the finger, is not pressed."""
    row = host.locator("li[data-draft]", has_text=question)
    place = row.get_by_role("button", name="Open").bounding_box()
    row.get_by_role("button", name="Open").click()
    expect(row).to_be_hidden()
    assert place
    host.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def correct(host: Page, question: str, corrected: str) -> None:
    row = host.locator("li[data-draft]", has_text=question)
    row.get_by_role("button", name="Edit").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Question", exact=True).fill(corrected)
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()


def show_blind(browser: Browser, house: House, pages: tuple[Page, Page, Page], code: str) -> None:
    """A blind question as player, host and screen see it."""
    host, ana, bo = pages
    screen = visit(browser, f"{house.url}/r/{code}/screen/", HD)
    bet(ana, "A", "100")
    bet(bo, "B", "100")
    bet_more = bo.get_by_role("button", name=re.compile("^Add 50|^Bet 50"))
    bo.locator(".chip", has_text=re.compile("^50$")).click()
    bet_more.click()
    for page in (ana, screen):
        expect(page.locator(".post-odds > :not(.x)").first).to_have_text("?")
        expect(page.locator(".post-share").first).to_have_text("")
    expect(ana.locator("[data-pool]")).to_have_text("2 people have bet")
    expect(ana.locator(".post[data-outcome=A]")).to_contain_text("you 100")
    expect(host.locator("[data-ring] .post-odds").first).to_have_text("×2.50")
    expect(screen.locator("[data-pool-coins]")).to_have_text("2")
    for page, name in ((ana, "blind"), (host, "blind"), (screen, "blind-screen")):
        assert_fits(page)
        shoot(page, name)


def move_up(host: Page, question: str) -> None:
    place = host.locator("li[data-draft]", has_text=question).get_by_role("button", name="Place")
    place.focus()
    # Keys in a row need not wait for the answers in between.
    for key in ("ArrowUp", "ArrowUp", "ArrowDown"):
        host.keyboard.press(key)
    expect(place).to_be_focused()


def show_lines(page: Page) -> None:
    """A line for each answer once bets are over, and its figures on tap and as a table."""
    expect(page.locator(".odds-line")).to_have_count(2)
    page.locator("[data-lines] svg:visible").click()
    told = page.locator(".odds:visible [data-at]")
    expect(told).to_contain_text(re.compile(r"A \d+\.\d % B"))
    assert told.bounding_box()["height"] < MARKS_PX_MAX
    page.get_by_text("As a table").click()
    expect(page.locator(".odds:visible tbody tr")).to_have_count(3)
    assert_fits(page)
    shoot(page, "odds")
