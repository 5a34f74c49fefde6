"""Hands on a keyboard and ears on a page: keys, focus, what is said, and the optional sound."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, shoot, visit
from tests.browser.test_browser import ask_question, bet, open_room, settle, step_in
from tests.browser.test_people import code_of
from tests.browser.test_run_of_show import prepare
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

RECORD = """window.touched = [];
navigator.vibrate = (pattern) => window.touched.push(pattern.length);"""


def test_the_host_runs_a_question_by_keys(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "By keys")
    keys = host.locator("#keys")
    host.keyboard.press("?")
    expect(keys).to_be_visible()
    shoot(host, "keys")
    host.keyboard.press("Escape")
    prepare(host, "Rain?")
    host.keyboard.press("o")
    expect(host.locator("[data-ring][data-status=open]")).to_be_visible()
    host.keyboard.press("c")
    expect(host.get_by_label("Say something")).to_be_focused()
    host.keyboard.type("lns?")
    expect(host.locator("dialog[open]")).to_have_count(0)
    expect(host.locator("[data-ring][data-status=open]")).to_be_visible()
    host.get_by_label("Say something").press("Enter")
    host.locator("h1").click()
    host.keyboard.press("p")
    expect(host.get_by_label("Search by name")).to_be_focused()
    for letter in "AB":
        player = visit(browser, house.url, PHONE)
        step_in(player, code_of(host))
        bet(player, letter, "50")
    host.locator("h1").click()
    host.keyboard.press("l")
    # What was pressed is gone; the next thing to do has the focus.
    expect(host.get_by_role("button", name="What happened?")).to_be_focused()
    host.keyboard.press("s")
    sheet = host.get_by_role("dialog")
    expect(sheet).to_be_visible()
    host.keyboard.press("Escape")
    expect(host.get_by_role("button", name="What happened?")).to_be_focused()
    host.get_by_role("button", name="Keys of this page").click()
    keys.get_by_label("Keys work in this browser").uncheck()
    host.keyboard.press("Escape")
    host.keyboard.press("n")
    expect(host.locator("dialog[open]")).to_have_count(0)


def test_who_steps_in_by_keys_goes_on_from_the_room(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Step in")
    mika = visit(browser, f"{house.url}/r/{code_of(host)}/", PHONE)
    mika.get_by_label("Your name here").press("Enter")
    expect(mika.locator("main[data-connection=open]")).to_be_focused()
    for key in ("?", "n", "l"):
        mika.keyboard.press(key)
    expect(mika.locator("dialog[open]")).to_have_count(0)


def test_it_says_when_a_minute_half_of_it_and_ten_seconds_are_left(
    browser: Browser, house: House
) -> None:
    page = visit(browser, f"{house.url}/r/ABCDEF/", PHONE)
    said = page.evaluate("""async () => {
        const { Announcer } = await import("/static/betting/announcer.js");
        const line = document.createElement("p");
        const announcer = new Announcer(line);
        const market = { id: 1, status: "open", closes_at_ms: 100_000 };
        const said = [];
        for (let now = 0; now < 110_000; now += 250) {
            line.textContent = "";
            announcer.tick(market, now);
            if (line.textContent) said.push(`${now / 1000}: ${line.textContent}`);
        }
        line.textContent = "";
        // Of one that is seen for the first time nothing is counted.
        announcer.tick({ ...market, id: 2, closes_at_ms: 120_000 }, 110_500);
        return [...said, line.textContent];
    }""")
    assert said == [
        "40: 60 seconds until the lock.",
        "70: 30 seconds until the lock.",
        "90: 10 seconds until the lock.",
        "",
    ]


def test_it_trembles_only_for_who_switched_it_on(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Sound")
    mika, ren = visit(browser, "about:blank", PHONE), visit(browser, "about:blank", PHONE)
    for page in (mika, ren):
        page.add_init_script(RECORD)
        page.goto(house.url)
        step_in(page, code_of(host))
    switch = "Sound and touch when a question opens and when it pays"
    mika.get_by_label(switch).check()
    mika.reload()
    expect(mika.get_by_label(switch)).to_be_checked()
    expect(mika.locator("main[data-connection=open]")).to_be_visible()
    ask_question(host, "Rain?", ["Yes", "No"], "When I lock")
    bet(mika, "A", "100")
    bet(ren, "B", "50")
    assert touched(mika) == [1]
    host.get_by_role("button", name="Lock now").click()
    settle(host, "A")
    expect(mika.locator("[data-announcer]")).to_contain_text("For you: +50 coins")
    assert (touched(mika), touched(ren)) == ([1, 3], [])


def touched(page: Page) -> list[int]:
    """How many parts each trembling had."""
    parts: list[int] = page.evaluate("window.touched")
    return parts
