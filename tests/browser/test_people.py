"""People and chat: a troll is out in two taps and back in one; a second device takes over."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import ask_question, open_room, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.get_by_role("button", name="Send").click()


def enter(browser: Browser, house: House, code: str, name: str) -> Page:
    """A newcomer who types the code and a name of their own."""
    page = visit(browser, house.url, PHONE)
    expect(page.get_by_label("Your name here")).not_to_have_value("")
    page.get_by_label("Your name here").fill(name)
    step_in(page, code)
    return page


def code_of(page: Page) -> str:
    return page.locator("main").get_attribute("data-code") or ""


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_it_takes_two_taps_from_a_line_to_the_troll_being_out(
    browser: Browser, house: House, size: dict[str, int], scheme: str
) -> None:
    host = open_room(browser, house.url, "Snail Derby")
    host.set_viewport_size(size)
    host.emulate_media(color_scheme=scheme)
    ana = enter(browser, house, code_of(host), "Ana")
    troll = enter(browser, house, code_of(host), "Troll")
    say(troll, "Abuse")
    expect(ana.locator(".chat")).to_contain_text("Abuse")
    expect(ana.locator("[data-people]")).to_be_hidden()
    assert ana.locator(".chat button").count() == 0
    taps = 0

    def tap(name: str) -> None:
        nonlocal taps
        host.get_by_role("button", name=name, exact=True).click()
        taps += 1

    tap("Troll")
    tap("Remove from the room")
    expect(troll.get_by_role("heading", name="You are not in this room any more")).to_be_visible()
    assert taps == 2
    sheet = host.get_by_role("dialog")
    expect(sheet.locator("[data-person-says]")).to_have_text("Troll is out.")
    sheet.get_by_role("button", name="Delete this line").click()
    expect(ana.locator(".chat")).not_to_contain_text("Abuse")
    expect(sheet.locator("[data-person-says]")).to_contain_text("gone")
    shoot(host, f"person-sheet-{scheme}")
    sheet.get_by_role("button", name="Undo").click()
    expect(sheet.locator("[data-person-says]")).to_have_text("Troll may come back.")
    sheet.get_by_role("button", name="Close").click()
    troll.goto(f"{house.url}/r/{code_of(host)}/")
    expect(troll.locator("main[data-connection=open]")).to_be_visible()
    say(troll, "Sorry")
    host.get_by_role("button", name="Troll", exact=True).click()
    sheet.get_by_role("button", name="Mute 5 min").click()
    expect(troll.get_by_label("Say something")).to_be_disabled()
    sheet.get_by_role("button", name="Undo").click()
    expect(troll.get_by_label("Say something")).to_be_enabled()
    sheet.get_by_role("button", name="Close").click()
    for page in (host, ana, troll):
        assert_fits(page)


def test_it_finds_people_and_tells_what_was_done(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Many people")
    enter(browser, house, code_of(host), "Ana")
    enter(browser, house, code_of(host), "Bo")
    host.locator("#main").get_by_text("Who is here").click()
    host.get_by_label("Search by name").fill("ana")
    expect(host.locator(".persons li")).to_have_count(1)
    host.locator(".persons").get_by_role("button", name="Ana").click()
    sheet = host.get_by_role("dialog")
    sheet.get_by_label("Reason, if you like").fill("Loud")
    sheet.get_by_role("button", name="Mute for the evening").click()
    expect(sheet.locator("[data-person-says]")).to_have_text("Ana is muted.")
    sheet.get_by_role("button", name="Close").click()
    host.locator("#main").get_by_text("What was done").click()
    expect(host.locator("[data-acts] li").first).to_contain_text("muted Ana")
    host.locator("[data-people]").scroll_into_view_if_needed()
    shoot(host, "people")
    host.set_viewport_size(PHONE)
    shoot(host, "people")
    assert_fits(host)


def test_it_turns_the_chat_to_reactions_and_off(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Quiet night")
    ana = enter(browser, house, code_of(host), "Ana")
    modes = host.locator("[data-chat-modes]")
    modes.get_by_text("Reactions").click()
    ana.get_by_role("button", name="👏").click()
    expect(host.locator(".chat")).to_contain_text("👏")
    shoot(ana, "chat-reactions")
    modes.get_by_text("Off", exact=True).click()
    expect(ana.get_by_label("Say something")).to_be_disabled()
    expect(ana.locator("[data-chat] [role=status]")).to_have_text("The chat is off for now.")
    say(host, "Good night")
    expect(ana.locator(".chat")).to_contain_text("Good night")
    assert_fits(ana)


def test_it_goes_on_with_a_second_device_when_the_phone_is_gone(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "One phone only")
    code = code_of(host)
    host.set_viewport_size(PHONE)
    expect(host.locator("a[href='/me/']:visible")).to_have_count(1)
    host.locator("[data-keep-room] [data-open-keep]").click()
    sheet = host.get_by_role("dialog")
    expect(sheet.locator("[data-seat-qr]")).to_be_visible()
    assert_fits(host)
    # One field makes the guest an account; its password is made up and stands there.
    expect(sheet.get_by_label("Password")).to_have_value(re.compile(r"^(\w{4}-){2}\w{4}$"))
    shoot(host, "keep-room")
    sheet.get_by_label("E-mail").fill("host@example.org")
    sheet.get_by_role("button", name="Keep it", exact=True).click()
    expect(sheet).to_be_hidden()
    expect(host.locator("main[data-connection=open]")).to_be_visible()
    assert host.request.get(f"{house.url}/api/auth/me/").json()["user"]["is_guest"] is False
    link = host.evaluate(
        "async () => (await (await import('/static/web/session.js'))"
        ".ask('POST', `/api/rooms/${document.querySelector('main').dataset.code}/seats/`,"
        " {role: 'cohost'})).link"
    )
    path = link[link.index("/seat/") :]
    host.context.close()
    laptop = visit(browser, house.url + path, DESKTOP)
    expect(laptop.locator("main[data-connection=open]")).to_be_visible()
    ask_question(laptop, "Rain?", ["Yes", "No"], "2 min")
    expect(laptop.get_by_role("button", name="Lock")).to_be_visible()
    late = visit(browser, house.url + path, PHONE)
    expect(late.locator("[data-seat-says]")).to_contain_text("Somebody else has opened this link")
    shoot(late, "seat-used")
    laptop.goto(house.url)
    expect(laptop.locator("[data-mine]")).to_contain_text(code)
    shoot(laptop, "my-rooms")
    assert_fits(laptop)


def test_it_renames_and_lets_players_show_the_code(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Names")
    ana = enter(browser, house, code_of(host), "Ana")
    ana.locator("[data-invite]").click()
    expect(ana.get_by_role("dialog").locator("img")).to_be_visible()
    ana.get_by_role("button", name="Close").click()
    ana.goto(f"{house.url}/me/")
    ana.get_by_label("Others see it").fill("Anabel")
    ana.get_by_role("button", name="Change it").click()
    expect(ana.locator("[data-name]")).to_have_text("Anabel")
    shoot(ana, "me-renamed")
    ana.goto(f"{house.url}/r/{code_of(host)}/")
    say(ana, "It is me")
    expect(host.locator(".chat")).to_contain_text("Anabel")
    assert_fits(ana)
