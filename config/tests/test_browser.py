"""A room as people see it: a host and two players in three browsers, from door to payout."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from config.tests.browsers import DESK, PHONE, assert_fits, browser, shoot, visit  # noqa: F401
from config.tests.servers import House, house  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.server]


def open_room(browser: Browser, url: str, title: str) -> Page:
    """A stranger opens a room from the lobby and hosts it."""
    host = visit(browser, url, DESK)
    host.get_by_role("link", name="Open a room").click()
    host.get_by_label("Title").fill(title)
    host.get_by_role("button", name="Open the room").click()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    return host


def step_in(page: Page, code: str) -> None:
    """Type the code in the lobby; one tap later one is in the room."""
    page.get_by_label("Room code").fill(code.lower())
    page.get_by_role("button", name="Step in").click()
    expect(page.locator("main[data-connection=open]")).to_be_visible()


def ask_question(host: Page, question: str, answers: list[str], closes: str) -> None:
    host.get_by_role("button", name="New question").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Question", exact=True).fill(question)
    for place, answer in enumerate(answers):
        sheet.get_by_label(f"Answer {'ABCDEFGHIJ'[place]}", exact=True).fill(answer)
    sheet.get_by_text(closes, exact=True).click()
    sheet.get_by_role("button", name="Open it now").click()
    expect(sheet).to_be_hidden()


def bet(page: Page, letter: str, stake: str) -> None:
    page.locator(f".post[data-outcome={letter}]").click()
    page.locator(".chip", has_text=re.compile(f"^{stake}$")).click()
    page.get_by_role("button", name=f"Bet {stake} on {letter}").click()
    expect(page.locator("[data-said]")).to_contain_text("Accepted")


def expect_figures(page: Page, letter: str, share: str, odds: str, coins: str, people: str) -> None:
    post = page.locator(f"[data-ring] .post[data-outcome={letter}]")
    expect(post.locator(".post-share")).to_have_text(share)
    expect(post.locator(".post-odds")).to_have_text(f"×{odds}")
    expect(post.locator(".post-coins")).to_contain_text(coins)
    expect(post.locator(".post-heads")).to_have_text(people)


def expect_state(page: Page, status: str, word: str) -> None:
    expect(page.locator(f"[data-ring][data-status={status}]")).to_be_visible()
    expect(page.locator("[data-state]")).to_have_text(word)


def expect_purse(page: Page, coins: str) -> None:
    expect(page.locator("[data-purse] [data-coins]")).to_have_text(coins)


def places_of_posts(page: Page) -> list[dict[str, float]]:
    return [post.bounding_box() for post in page.locator("[data-ring] .post").all()]


def settle(host: Page, letter: str) -> None:
    host.get_by_role("button", name="What happened?").click()
    sheet = host.get_by_role("dialog")
    sheet.locator(f".post[data-outcome={letter}]").click()
    pay = sheet.get_by_role("button", name="Hold to pay")
    expect(pay).to_be_enabled()
    shoot(host, "host-settle")
    pay.hover()
    host.mouse.down()
    expect(sheet).to_be_hidden()
    host.mouse.up()


def test_it_plays_a_round_from_the_door_to_the_payout(browser: Browser, house: House) -> None:  # noqa: F811, PLR0915
    host = open_room(browser, house.url, "Snail Derby at the Harbour Bar")
    code = re.search(r"/r/(\w{6})/", host.url)[1]
    mika, ren = visit(browser, house.url, PHONE), visit(browser, f"{house.url}/r/{code}/", DESK)
    expect(mika.get_by_role("link", name="Snail Derby")).to_be_visible()
    shoot(mika, "lobby")
    step_in(mika, code)
    ren.get_by_label("Your name here").fill("Ren")
    ren.get_by_role("button", name="Step in").click()
    expect_purse(ren, "1,000")

    ask_question(host, "Which snail wins heat 3?", ["Turbo Lettuce", "The Duchess"], "2 min")
    for page in (host, mika, ren):
        expect_state(page, "open", "Open")
    before = places_of_posts(mika)
    bet(mika, "A", "100")
    bet(ren, "B", "50")
    for page in (host, mika, ren):
        expect_figures(page, "A", "67 %", "1.50", "100 coins", "1 person")
        expect_figures(page, "B", "33 %", "3.00", "50 coins", "1 person")
        assert_fits(page)
    assert places_of_posts(mika) == before, "the posts jumped"
    expect_purse(mika, "900")
    expect(mika.get_by_role("button", name="Add 100 on A")).to_be_enabled()
    for page, name in ((mika, "room-open"), (ren, "room-open"), (host, "host-open")):
        shoot(page, name)

    host.get_by_role("button", name="Lock now").click()
    for page in (host, mika, ren):
        expect_state(page, "locked", "Locked")
    expect(mika.locator("[data-ticket=locked] .stub b")).to_have_text("150")
    for page, name in ((mika, "room-locked"), (ren, "room-locked"), (host, "host-locked")):
        assert_fits(page)
        shoot(page, name)

    settle(host, "A")
    for page in (host, mika, ren):
        expect_state(page, "settled", "Paid")
    expect(mika.locator("[data-ticket=settled]")).to_contain_text("You won")
    expect(mika.locator(".net")).to_have_text("+50")
    expect(ren.locator(".net")).to_have_text("−50")
    expect_purse(mika, "1,050")
    expect_purse(ren, "950")
    for page, name in ((mika, "room-settled"), (ren, "room-settled")):
        assert_fits(page)
        shoot(page, name)

    mika.goto(f"{house.url}/me/")
    expect(mika.locator("[data-ledger] li").first).to_contain_text("+150")
    assert_fits(mika)
    shoot(mika, "me")
