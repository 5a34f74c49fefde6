"""Signed in, in real browsers: the own sign-ins, another password, and coming back unnoticed."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, Page, expect

from lab.line import Line
from launcher.engines import socket_path
from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

PASSWORD, NEXT_PASSWORD = "correct horse battery", "another long password"
# Keeps every socket of a page, so that a test may cut it, and how each of them ended.
WATCH = """
window.cut = [];
window.WebSocket = class extends WebSocket {
  constructor(...where) {
    super(...where);
    window.latest = this;
    this.addEventListener("close", ({ code, reason }) => window.cut.push(`${code} ${reason}`));
  }
};
"""
BAN = """
from accounts.auth import bans
from accounts.models import User
bans.ban(User.objects.get(pk={user}), "Spilled beer")
"""
# Whether the house has signed this browser out within a minute.
IS_OUT = """async () => {
  for (let turn = 0; turn < 300; turn += 1) {
    if ((await fetch("/api/auth/me/")).status === 401) return true;
    await new Promise((go) => setTimeout(go, 200));
  }
  return false;
}"""
# Some other page of the same browser asks.
POST = """(path) => fetch(path, {
  method: "POST",
  body: "{}",
  headers: {
    "Content-Type": "application/json",
    "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1],
  },
}).then((answer) => answer.status)"""


def register(browser: Browser, house: House, name: str, size: dict[str, int] = DESKTOP) -> Page:
    page = visit(browser, f"{house.url}/sign-in/", size)
    form = page.locator("form[data-call='/api/auth/register/']")
    form.get_by_label("Your name here").fill(name)
    form.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(page.locator("[data-sign-ins] li")).to_have_count(1)
    return page


def log_in(
    browser: Browser, house: House, name: str, size: dict[str, int], path: str = "/me/"
) -> Page:
    page = visit(browser, f"{house.url}/sign-in/?next={path}", size)
    form = page.locator("form[data-call='/api/auth/login/']")
    form.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(page).to_have_url(house.url + path)
    return page


def expect_stranger(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("heading", name="Nobody is signed in here")).to_be_visible()


def test_it_lists_the_own_sign_ins_and_ends_them(browser: Browser, house: House) -> None:
    here = register(browser, house, "Noor")
    phone = log_in(browser, house, "Noor", PHONE)
    laptop = log_in(browser, house, "Noor", DESKTOP)
    here.reload()
    rows = here.locator("[data-sign-ins] li")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="This browser")).to_have_count(1)
    expect(rows.first).to_contain_text("Chrome on Linux")
    phone.reload()
    expect(phone.locator("[data-sign-ins] li")).to_have_count(3)
    for page in (here, phone):
        assert_fits(page)
        page.locator("[data-sign-ins]").scroll_into_view_if_needed()
        shoot(page, "sign-ins")
    # The latest used comes first after this one, whose own row has no button.
    here.get_by_role("button", name="Sign out Chrome on Linux").first.click()
    expect(here.get_by_text("Signed out there.")).to_be_visible()
    expect(rows).to_have_count(2)
    here.get_by_role("button", name="Sign out everywhere else").click()
    expect(here.get_by_text("1 sign-in ended.")).to_be_visible()
    expect(rows).to_have_count(1)
    for page in (phone, laptop):
        expect_stranger(page)


def test_it_hands_out_a_copy_and_forgets_at_the_second_press(
    browser: Browser, house: House
) -> None:
    page = register(browser, house, "Zoe", PHONE)
    panel = page.locator("[data-forget]")
    with page.expect_download() as handed:
        panel.get_by_role("link", name="Take a copy of everything").click()
    copy = json.loads(handed.value.path().read_text())
    assert (copy["account"]["nickname"], len(copy["sign_ins"])) == ("Zoe", 1)
    panel.get_by_role("button", name="Forget me").click()
    expect(panel.get_by_role("button", name="No, stay")).to_be_focused()
    shoot(page, "forget-me")
    assert_fits(page)
    panel.get_by_role("button", name="Yes, for good").click()
    expect(panel.get_by_role("status")).to_contain_text("Asked on")
    assert page.evaluate(IS_OUT)
    expect_stranger(page)


def test_it_changes_the_password_and_stays_signed_in(browser: Browser, house: House) -> None:
    here = register(browser, house, "Ines")
    there = log_in(browser, house, "Ines", PHONE)
    form = here.locator("[data-password]")
    form.get_by_label("Present password").fill("not this one")
    form.get_by_label("New password").fill(NEXT_PASSWORD)
    form.get_by_role("button").click()
    expect(form.get_by_text("The present password does not match.")).to_be_visible()
    form.get_by_label("Present password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(form.get_by_text("Password changed.")).to_be_visible()
    shoot(here, "password")
    expect(here.locator("[data-sign-ins] li")).to_have_count(1)
    expect_stranger(there)
    here.reload()
    expect(here.locator("[data-name]")).to_have_text("Ines")


def test_it_speaks_korean_of_sign_ins(browser: Browser, house: House) -> None:
    here = register(browser, house, "Bora", PHONE)
    here.get_by_role("button", name="한국어").click()
    expect(here.get_by_role("heading", name="로그인된 곳")).to_be_visible()
    expect(here.locator("[data-sign-ins] li")).to_contain_text("이 브라우저")
    assert_fits(here)
    here.locator("[data-sign-ins]").scroll_into_view_if_needed()
    shoot(here, "sign-ins-ko")


def in_a_room(browser: Browser, house: House, name: str = "") -> tuple[Page, list[str]]:
    """A guest, or an account by name, in a room of their own; and the list of what they ask for."""
    page = register(browser, house, name) if name else visit(browser, house.url, DESKTOP)
    page.add_init_script(WATCH)
    page.goto(f"{house.url}/rooms/new/")
    page.get_by_label("Title").fill("Snail Derby")
    page.get_by_role("button", name="Open the room").click()
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return page, asked


def let_access_expire(page: Page, house: House) -> str:
    """Put in place of the access token the one that it will be in six minutes; answers it."""
    (cookie,) = (c for c in page.context.cookies() if c["name"] == "ringside_access")
    key = (house.data_dir / "secret-key").read_text().strip() + "/access-tokens"
    claims: dict[str, Any] = jwt.decode(cookie["value"], key, algorithms=["HS256"])
    claims["exp"] -= 360
    expired = jwt.encode(claims, key, headers={"kid": "1"})
    page.context.add_cookies([{**cookie, "value": expired}])
    return expired


def test_it_refreshes_once_and_comes_back_unnoticed(browser: Browser, house: House) -> None:
    page, asked = in_a_room(browser, house, "Mika")
    expired = let_access_expire(page, house)
    with page.expect_response("**/api/auth/refresh/"):
        page.evaluate("latest.close()")
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    assert page.evaluate("cut")[1] == "4401 expired"
    assert len([url for url in asked if url.endswith("/api/auth/refresh/")]) == 1
    (cookie,) = (c for c in page.context.cookies() if c["name"] == "ringside_access")
    assert cookie["value"] != expired
    expect(page.locator("[data-gates]")).to_be_hidden()
    expect(page.locator("[data-title]")).to_have_text("Snail Derby")


def test_it_asks_again_where_a_refresh_got_no_answer(browser: Browser, house: House) -> None:
    page, asked = in_a_room(browser, house)
    let_access_expire(page, house)
    busy = {"code": "busy", "message": "Very busy.", "detail": {}}
    page.route(
        "**/api/auth/refresh/",
        lambda route: route.fulfill(status=503, json={"error": busy}, headers={"Retry-After": "1"}),
        times=1,
    )
    page.evaluate("latest.close()")
    expect(page.locator("main:not([data-connection=open])")).to_be_visible()
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    assert len([url for url in asked if url.endswith("/api/auth/refresh/")]) == 2
    expect(page.locator("[data-gates]")).to_be_hidden()


def test_it_says_truly_why_somebody_is_out(browser: Browser, house: House) -> None:
    page, _asked = in_a_room(browser, house)
    code = re.search(r"/r/(\w{6})/", page.url)[1]
    assert page.evaluate(POST, f"/api/rooms/{code}/leave/") == 200
    expect(page.get_by_role("heading", name="You left this room")).to_be_visible()
    assert page.evaluate("cut")[-1] == "4403 left"
    page.get_by_role("button", name="Come back in").click()
    expect(page.locator("main[data-connection=open]")).to_be_visible()
    user = page.evaluate("fetch('/api/auth/me/').then((answer) => answer.json())")["user"]["id"]
    banned = house.manage("shell", "-v", "0", "-c", BAN.format(user=user))
    assert banned.returncode == 0, banned.stderr
    for _ in range(2):
        expect(page.get_by_role("heading", name="You may not come in")).to_be_visible()
        expect(page.get_by_text("You are banned: Spilled beer")).to_be_visible()
        page.reload()
    shoot(page, "banned")


def test_it_shows_the_way_in_when_the_sign_in_was_ended(browser: Browser, house: House) -> None:
    page, asked = in_a_room(browser, house, "Ren")
    elsewhere = log_in(browser, house, "Ren", PHONE)
    elsewhere.get_by_role("button", name="Sign out everywhere else").click()
    expect(elsewhere.get_by_text("1 sign-in ended.")).to_be_visible()
    expect(page.locator("[data-gate=stranger]")).to_be_visible()
    assert page.evaluate("cut") == ["4401 revoked"]
    assert len([url for url in asked if url.endswith("/api/auth/refresh/")]) == 1
    expect(page.get_by_text("You are signed out in this browser.")).to_be_visible()
    code = re.search(r"/r/(\w{6})/", page.url)[1]
    way_in = page.get_by_role("link", name="I have an account")
    expect(way_in).to_have_attribute("href", f"/sign-in/?next=/r/{code}/")
    shoot(page, "signed-out")


def test_it_lets_people_in_by_themselves_when_many_come_at_once(
    browser: Browser, house: House
) -> None:
    host, _asked = in_a_room(browser, house)
    page = visit(browser, host.url, PHONE)
    page.get_by_label("Your name here").fill("Patient")
    with _all_guests_of_this_address_taken(house, seconds=5):
        page.get_by_role("button", name="Step in").click()
        expect(page.get_by_role("heading", name="You are in line")).to_be_visible()
        expect(page.get_by_text("This page goes on by itself in about")).to_be_visible()
        shoot(page, "in-line")
        expect(page.locator("main[data-connection=open]")).to_be_visible()


@contextmanager
def _all_guests_of_this_address_taken(house: House, *, seconds: int) -> Iterator[None]:
    """As if so many had come that the next may in some seconds."""
    with Line(socket_path(house.data_dir, "live")) as live:
        key = "{limits}:guests:0:127.0.0.1"
        now_s, now_us = live.call("TIME")
        # A minute's guests are taken, and some seconds' of the next.
        whole_us = (int(now_s) + 60 + seconds) * 1_000_000 + int(now_us)
        live.call("SET", key, whole_us, "PX", 70_000)
        try:
            yield
        finally:
            live.call("DEL", key)
