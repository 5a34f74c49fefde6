"""Pages at odd moments: before their scripts came, after the back button, without a certificate."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import (
    ask_question,
    bet,
    expect_purse,
    expect_state,
    open_room,
    step_in,
)
from tests.browser.test_place_pages import BEAMER, HALL, HD, fills, stand
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# What browsers keep from a page that came by plain http from another machine.
PLAIN_HTTP = """
delete Crypto.prototype.randomUUID;
for (const name of ["clipboard", "wakeLock"]) delete Navigator.prototype[name];
"""


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
    page = browser.new_context(viewport=DESKTOP, locale="en").new_page()
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
    host, mika = (visit(browser, house.url, size) for size in (DESKTOP, PHONE))
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


def come_back(page: Page) -> None:
    """What the back button does to a page that the browser had kept as it was left."""
    page.evaluate(
        """setTimeout(() =>
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })))"""
    )


def code_of(host: Page) -> str:
    return re.search(r"/r/(\w{6})/", host.url)[1]


def test_it_shows_a_page_anew_when_the_back_button_brings_it_back(
    browser: Browser, house: House
) -> None:
    mika = visit(browser, house.url, PHONE)
    expect(mika.locator("[data-sign-in]")).to_be_visible()
    with mika.context.expect_page() as opened:
        mika.evaluate("open('/rooms/new/')")
    form = opened.value
    form.get_by_label("Title").fill("Back and forth")
    form.get_by_role("button", name="Open the room").click()
    expect(form.locator("main[data-connection=open]")).to_be_visible()
    come_back(mika)
    expect_purse(mika, "1,000")
    expect(mika.locator("[data-sign-in]")).to_be_hidden()


def test_it_pays_at_the_second_press_of_who_cannot_hold(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/sign-in/", PHONE)
    paid = page.evaluate("""async () => {
        const { bindHold } = await import("/static/betting/hold.js");
        const button = document.createElement("button");
        document.body.append(button);
        let count = 0;
        bindHold(button, () => { count += 1; });
        const paid = [];
        const enter = () => button.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
        const tap = () => button.dispatchEvent(new MouseEvent("click", { detail: 1 }));
        for (const press of [tap, tap, enter, enter, () => button.click(), () => button.click()]) {
            press();
            paid.push(count);
        }
        return paid;
    }""")
    assert paid == [0, 0, 0, 1, 1, 2]


@pytest.mark.long
def test_it_keeps_a_question_that_was_begun_until_it_is_asked(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Begun and not sent")
    sheet, question = host.get_by_role("dialog"), host.get_by_label("Question", exact=True)
    host.get_by_role("button", name="New question").click()
    question.fill("Which snail wins?")
    sheet.get_by_label("Answer A", exact=True).fill("Turbo Lettuce")
    box, field = sheet.bounding_box(), question.bounding_box()
    host.mouse.click(box["x"] + 6, field["y"] + 10)
    host.mouse.move(field["x"] + 40, field["y"] + 10)
    host.mouse.down()
    host.mouse.move(box["x"] - 40, field["y"] + 10)
    host.mouse.up()
    expect(sheet).to_be_visible()
    host.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    host.get_by_role("button", name="New question").click()
    expect(question).to_have_value("Which snail wins?")
    sheet.get_by_label("Answer B", exact=True).fill("The Duchess")
    sheet.get_by_role("button", name="Open it now").click()
    expect_state(host, "open", "Open")
    host.get_by_role("button", name="New question").click()
    expect(question).to_have_value("")


@pytest.mark.long
def test_it_puts_its_sheets_away_when_the_room_ends(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Over already")
    other = host.context.new_page()
    other.goto(host.url)
    expect(other.locator("main[data-connection=open]")).to_be_visible()
    host.get_by_role("button", name="New question").click()
    other.get_by_role("button", name="End the room…").click()
    other.get_by_role("button", name="End the room", exact=True).click()
    expect(host.get_by_role("heading", name="This room has ended")).to_be_visible()
    expect(host.get_by_role("dialog")).to_be_hidden()
    expect(host.locator("[data-announcer]")).to_have_text("This room has ended")


@pytest.mark.long
def test_it_says_what_became_of_a_bet_that_the_lock_overtook(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Too late")
    mika, ren, eve = (visit(browser, house.url, PHONE) for _person in range(3))
    late = []

    def hold_bets(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if "bet.place" in str(frame):
                late.append(lambda: server.send(frame))
            else:
                server.send(frame)

        socket.on_message(pass_on)

    mika.route_web_socket(re.compile("/ws/rooms/"), hold_bets)
    for page in (mika, ren, eve):
        step_in(page, code_of(host))
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    bet(ren, "A", "10")
    bet(eve, "B", "10")
    mika.locator(".post[data-outcome=A]").click()
    mika.get_by_role("button", name="Bet 50 on A").click()
    host.get_by_role("button", name="Lock now").click()
    expect_state(mika, "locked", "Locked")
    expect(mika.locator("[data-go]")).to_have_text("Sending 50 on A…")
    for send in late:
        send()
    expect(mika.locator("[data-said]")).to_contain_text("No coins moved.")
    expect(mika.locator("[data-said]")).to_be_visible()
    expect_purse(mika, "1,000")


@pytest.mark.long
def test_it_begins_anew_when_somebody_else_sits_down_at_the_page(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Two at one phone")
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, code_of(host))
    bet(mika, "A", "50")
    mika.evaluate(
        """import("/static/web/session.js")
            .then(({ ask }) => ask("POST", "/api/auth/logout/"))"""
    )
    mika.get_by_role("button", name="Step in").click()
    expect(mika.locator("main[data-connection=open]")).to_be_visible()
    expect_purse(mika, "1,000")
    bet(mika, "B", "100")
    kept = mika.evaluate("Object.keys(localStorage).filter((key) => key.includes('.bets.'))")
    assert len(kept) == 2, "the bets of two people are kept under one name"


def test_it_takes_any_stake_within_the_limits_and_says_why_none_else(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "So much and no more")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, code_of(host))
    host.get_by_role("button", name="New question").click()
    host.get_by_text("Limits and rules").click()
    host.get_by_label("Smallest bet").fill("5")
    host.get_by_label("Most on this question per person").fill("100")
    host.get_by_role("button", name="Close").click()
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    field, why, go = (mika.locator(f"[data-{part}]") for part in ("stake-field", "range", "go"))
    mika.locator(".post[data-outcome=A]").click()
    expect(why).to_have_text("5 to 100")
    for written, words in (
        ("3", "At least 5 here"),
        ("101", "At most 100 per person here"),
        ("1001", "At most 100 per person here"),
        ("", "How many whole coins?"),
        ("7.5", "How many whole coins?"),
    ):
        field.fill(written)
        expect(why).to_have_text(words)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(go).to_have_text("Change the stake")
        expect(go).to_be_disabled()
    shoot(mika, "stake-refused")
    field.fill("37")
    mika.get_by_role("button", name="More coins").click()
    expect(go).to_have_text("Bet 47 on A")
    mika.get_by_role("button", name="Fewer coins").click()
    go.click()
    expect(mika.locator("[data-said]")).to_contain_text("You have 37 on A")
    mika.locator(".post[data-outcome=B]").click(force=True)
    expect(mika.locator("[data-said]")).to_have_text("One answer per person here: yours is A.")
    expect(mika.locator("[data-rule]")).to_have_text("One answer per person here.")
    expect(why).to_have_text("5 to 63")
    field.fill("64")
    expect(why).to_have_text("At most 100 per person here")
    field.fill("63")
    go.click()
    expect(go).to_have_text("At most 100 per person here")
    expect(field).to_be_disabled()
    assert_fits(mika)
    shoot(mika, "stake-full")


@pytest.mark.long
def test_the_lobby_leads_to_every_room(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "The first of very many")
    made = host.evaluate(
        """import("/static/web/session.js").then(async ({ ask }) => {
            for (let place = 0; place < 50; place += 1) {
                await ask("POST", "/api/rooms/", { title: `Room ${place}`, visibility: "public" });
            }
            return (await ask("GET", "/api/rooms/")).next;
        })"""
    )
    assert made is not None
    mika = visit(browser, house.url, PHONE)
    expect(mika.locator(".roomcard")).to_have_count(50)
    mika.get_by_role("button", name="More rooms").click()
    expect(mika.get_by_role("link", name="The first of very many")).to_be_visible()


@pytest.mark.long
def test_it_shows_every_name_under_a_question_as_long_as_it_may_be(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Long names")
    names = [
        f"{place}안드로메다은하의가장빛나는별을찾아서떠나는긴여행의시작과끝" for place in range(10)
    ]
    ask_question(host, ("어느 달팽이가 이길까요 " * 11)[:140], names, "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, code_of(host))
    bet(mika, "A", "50")
    hidden = mika.evaluate(
        """[...document.querySelectorAll("[data-ring] .post-name")].filter((name) => {
            const letters = document.createRange();
            letters.setStart(name.lastChild, 0);
            letters.setEnd(name.lastChild, 1);
            const [letter, box] = [letters, name].map((part) => part.getBoundingClientRect());
            return letter.bottom > box.bottom + 2;
        }).length"""
    )
    assert hidden == 0
    screen = visit(browser, f"{house.url}/r/{code_of(host)}/screen/", HD)
    for size in (HD, BEAMER):
        screen.set_viewport_size(size)
        expect(screen.locator(".post")).to_have_count(10)
        fills(screen)
        letters_px = screen.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('h1[data-question]')).fontSize)"
        )
        assert letters_px > size["width"] * 0.02, "the question is too small to be read"
