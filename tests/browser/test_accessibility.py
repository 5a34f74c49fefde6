"""axe-core finds nothing serious or critical on any page, sheet and state."""

import re

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from operations.admin import PAGES
from operations.tests.test_operators_page import PASSWORD, operator
from tests.browser.accessibility import Inspection
from tests.browser.browsers import DESKTOP, PHONE, visit
from tests.browser.test_browser import (
    HD,
    Evening,
    ask_question,
    bet,
    open_room,
    settle,
    step_in,
)
from tests.browser.test_people import code_of, say
from tests.browser.test_run_of_show import prepare
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

SHOW_ALL = """() => document.querySelectorAll("main [hidden], [data-gates]").forEach((node) => {
    node.hidden = false;
})"""
LETTERS = "ABCDEFGHIJ"
OWN = {page.name for page in PAGES} | {"password_change"}


@pytest.fixture(scope="module")
def house(own_house: House) -> House:
    """One with an operator, and few rows to inspect."""
    return own_house


def test_every_state_of_a_room_can_be_used_by_everybody(browser: Browser, house: House) -> None:
    evening = Evening(browser, house.url)
    walk = Walk(evening, visit(browser, f"{house.url}/r/{evening.code}/screen/", HD))
    walk.prepare()
    walk.play()
    walk.change_a_result()
    walk.end()
    page = visit(browser, f"{house.url}/r/{evening.code}/evening/", PHONE)
    walk.inspection.look("evening of a stranger", page)
    evening.host.goto(page.url)
    expect(evening.host.get_by_label("Everybody may see this page")).to_be_visible()
    walk.inspection.look("evening of the host", evening.host)
    evening.mika.goto(f"{house.url}/me/")
    expect(evening.mika.locator("[data-ledger] li").first).to_be_visible()
    walk.inspection.look("me", evening.mika)
    walk.inspection.assert_well()


class Walk:
    """A room from state to state, as host, player and big screen see it."""

    def __init__(self, evening: Evening, screen: Page) -> None:
        self.evening, self.screen = evening, screen
        self.host, self.mika, self.ren = evening.everybody
        self.inspection = Inspection()

    def look(self, name: str) -> None:
        self.inspection.look(name, self.host, self.mika, self.screen)

    def prepare(self) -> None:
        expect(self.screen.locator("main[data-connection=open]")).to_be_visible()
        prepare(self.host, "What comes next?", is_blind=True)
        say(self.mika, "Hello")
        say(self.ren, "Good evening")
        expect(self.host.locator(".chat li")).to_have_count(2)
        self.look("nothing open")

    def play(self) -> None:
        ask_question(self.host, "Which snail wins?", ["Lettuce", "The Duchess"], "When I lock")
        bet(self.mika, "A", "100")
        self.look("open")
        self.inspection.look("open, no bet", self.ren)
        check_sheets(self.inspection, self.host)
        bet(self.ren, "B", "50")
        self.host.get_by_role("button", name="Lock now").click()
        self.evening.see("locked", "Locked")
        self.look("locked")
        self.host.get_by_role("button", name="What happened?").click()
        self.host.get_by_role("dialog").locator(".post[data-outcome=A]").click()
        expect(self.host.locator("[data-pay]")).to_be_enabled()
        # What must be held says so to whoever taps it.
        self.host.locator("[data-pay]").click()
        expect(self.host.get_by_text("Keep it pressed for a second.")).to_be_visible()
        self.inspection.look("settle", self.host)
        self.host.get_by_role("button", name="Close").click()
        settle(self.host, "A")
        self.evening.see("settled", "Paid")
        expect(self.mika.locator("[data-ticket=settled]")).to_be_visible()
        self.look("paid")
        self.inspection.look("lost", self.ren)

    def change_a_result(self) -> None:
        pay_after(self.host, 120)
        ask_question(self.host, "Ten?", [f"Answer {letter}" for letter in LETTERS], "5 min")
        bet(self.mika, "J", "50")
        bet(self.ren, "A", "50")
        self.look("ten answers")
        self.host.get_by_role("button", name="Lock now").click()
        settle(self.host, "A")
        self.evening.see("unofficial", "Unofficial")
        self.host.get_by_role("button", name="Change").click()
        self.look("unofficial")
        self.host.get_by_role("button", name="End the room…").click()
        self.host.get_by_role("button", name="End the room", exact=True).click()
        expect(self.host.get_by_text("A result is not official yet.")).to_be_visible()
        self.inspection.look("end the room", self.host)
        self.host.get_by_role("button", name="Close").click()
        self.host.get_by_role("button", name="Withdraw").click()
        self.evening.see("locked", "Locked")
        pay_after(self.host, 0)
        self.host.get_by_role("button", name="Void, refund all").click()
        self.inspection.look("call off", self.host)
        self.host.get_by_label("Why").fill("It rains")
        self.host.get_by_role("button", name="Void and refund all").click()
        self.evening.see("void", "Refunded")
        self.look("refunded")

    def end(self) -> None:
        self.host.get_by_role("button", name="End the room…").click()
        self.host.get_by_role("button", name="End the room", exact=True).click()
        expect(self.host.get_by_role("heading", name="This room has ended")).to_be_visible()
        for page in (self.mika, self.screen):
            expect(page.locator("[data-firsts]:visible")).to_have_count(1)
        self.look("ended")


def check_sheets(inspection: Inspection, host: Page) -> None:
    """Every sheet of the host, and all that is folded away."""
    host.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    expect(host.locator(".persons li").first).to_be_visible()
    inspection.look("unfolded", host)
    for sheet in ("invitation", "new-question", "end-room", "keep-room", "keys"):
        host.evaluate("(name) => document.getElementById(name).showModal()", sheet)
        inspection.look(sheet, host)
        host.get_by_role("button", name="Close").click()
    host.locator(".chat").get_by_role("button").first.click()
    inspection.look("person", host)
    host.get_by_role("button", name="Close").click()


def pay_after(host: Page, seconds: int) -> None:
    """How long a result of this room may still be changed."""
    host.evaluate(
        "async (seconds) => (await import('/static/web/session.js'))"
        ".ask('PATCH', `/api/rooms/${document.querySelector('main').dataset.code}/`,"
        " {official_after_s: seconds})",
        seconds,
    )


def test_every_other_page_can_be_used_by_everybody(browser: Browser, house: House) -> None:
    inspection = Inspection()
    page = visit(browser, house.url, PHONE)
    inspection.look("lobby", page)
    page.goto(f"{house.url}/r/ABCDEF/")
    expect(page.get_by_label("Your name here")).to_be_visible()
    page.evaluate(SHOW_ALL)
    inspection.look("all gates and all that is hidden", page)
    for path in (
        "/sign-in/",
        "/nowhere/",
        "/me/",
        "/me/where/",
        "/seat/",
        "/verify/",
        "/r/ABCDEF/screen/",
    ):
        page.goto(house.url + path)
        expect(page.locator("main")).to_be_visible()
        inspection.look(path, page)
    for status in (400, 403, 500, 503):
        page.set_content(render_to_string(f"{status}.html"))
        inspection.look(str(status), page)
    page.goto(f"{house.url}/rooms/new/")
    page.evaluate(SHOW_ALL)
    inspection.look("new room", page)
    host = open_room(browser, house.url, "A second one")
    for path in (f"/r/{code_of(host)}/map/", "/me/where/", "/me/", "/"):
        host.goto(house.url + path)
        expect(host.locator("main")).to_be_visible()
        expect(host.locator("[data-note]:text('Looking'):visible")).to_have_count(0)
        inspection.look(f"host's {path}", host)
    inspection.assert_well()


def test_every_page_of_the_operators_can_be_used_by_everybody(
    browser: Browser, house: House
) -> None:
    inspection = Inspection()
    host = open_room(browser, house.url, "For operators")
    ask_question(host, "Rain?", ["Yes", "No"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, code_of(host))
    bet(mika, "A", "50")
    house.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    house.manage(
        "createsuperuser", "--noinput", "--email", "olga@example.org", "--nickname", "Olga"
    )
    page = visit(browser, f"{house.url}/admin/", DESKTOP)
    inspection.look("log in", page)
    page = operator(browser, house, DESKTOP)
    seen = {"/admin/N/"}
    todo = ["/admin/"]
    while todo:
        path = todo.pop(0)
        page.goto(house.url + path)
        # The stock admin has one set of colours; ours are on the pages of our own.
        is_ours = shape(path).count("/") == 3 or "/market/" in path
        (inspection.look if is_ours else inspection.look_in_light)(path, page)
        for link in links(page):
            if shape(link) not in seen:
                seen.add(shape(link))
                todo.append(link)
    inspection.assert_well()


def links(page: Page) -> list[str]:
    hrefs: list[str] = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"/admin/\"], main a[href], #content a[href]')]"
        ".map((a) => a.pathname)"
    )
    return [one for one in hrefs if one.startswith("/admin/") and "logout" not in one]


# Pages that are drawn alike for all: one of each is looked at.
ALIKE = re.compile(r"/admin/(?:\w+/\w+/N/(history|delete|act)/.*|(\w+)/)")


def shape(path: str) -> str:
    """An address without the number of what it shows: one page of a kind is looked at."""
    numbered = re.sub(r"/[\w%-]*\d[\w%-]*/", "/N/", path)
    alike = ALIKE.fullmatch(numbered)
    return numbered if alike is None or alike[2] in OWN else alike[1] or "app"
