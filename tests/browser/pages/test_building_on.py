"""The pages of those who build on Ringside, and of those who forgot their password."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import Inspection
from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import open_room
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_it_makes_a_key_and_ends_it(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Keys")
    code = re.search(r"/r/(\w{6})/", host.url)[1]
    host.set_viewport_size(PHONE)
    host.goto(f"{house.url}/r/{code}/keys/")
    host.get_by_label("What it is for").fill("Odds on the wall")
    host.get_by_role("button", name="Make the key").click()
    expect(host.locator("[data-key]")).to_have_text(re.compile("^rk_"))
    key = host.locator("[data-key]").text_content()
    asked = {"headers": {"Authorization": f"Key {key}"}}
    assert host.request.get(f"{house.url}/api/v1/rooms/{code}/", **asked).status == 200
    assert_fits(host)
    shoot(host, "keys")
    inspection = Inspection()
    inspection.look("keys", host)
    inspection.assert_well()
    host.get_by_role("button", name="End it: Odds on the wall").click()
    expect(host.get_by_text("The key opens nothing any more.")).to_be_visible()
    assert host.request.get(f"{house.url}/api/v1/rooms/{code}/", **asked).status == 401


def look_until(page: Page, words: str) -> None:
    """Look again until the words are there."""
    deadline = time.monotonic() + 200
    while not page.get_by_text(words).is_visible():
        assert time.monotonic() < deadline, f"No {words!r}."
        page.get_by_role("button", name="Look again").click()
        page.wait_for_timeout(200)


def test_it_makes_a_webhook_and_tells_why_its_events_were_not_taken(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Webhooks")
    code = re.search(r"/r/(\w{6})/", host.url)[1]
    host.set_viewport_size(PHONE)
    host.goto(f"{house.url}/r/{code}/webhooks/")
    host.get_by_label("Address of your server").fill("http://example.org/hook")
    host.get_by_role("button", name="Make the webhook").click()
    expect(host.get_by_text("It begins with https://")).to_be_visible()
    host.get_by_label("Address of your server").fill(
        "https://127.0.0.1:9/a/rather/long/path/of/ours"
    )
    host.get_by_role("button", name="Make the webhook").click()
    expect(host.locator("[data-secret]")).to_have_text(re.compile("^whsec_"))
    host.evaluate(
        """async (code) => {
          const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
          await fetch(`/api/rooms/${code}/markets/`, { method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRFToken": token },
            body: JSON.stringify({ question: "Rain?", outcomes: ["Yes", "No"],
              key: crypto.randomUUID() }) });
        }""",
        code,
    )
    host.get_by_role("button", name="Last events").click()
    look_until(host, "the name leads to no public address")
    inspection = Inspection()
    for size, name in ((PHONE, "webhooks"), (DESKTOP, "webhooks-wide")):
        host.set_viewport_size(size)
        assert_fits(host)
        shoot(host, name)
        inspection.look(name, host)
    inspection.assert_well()
    host.get_by_role("button", name="Send again: Opened · Rain?").click()
    expect(host.get_by_text("It is sent again.")).to_be_visible()
    host.get_by_role("button", name="Pause").click()
    expect(host.get_by_text("It is paused.")).to_be_visible()
    host.get_by_role("button", name="Resume").click()
    expect(host.get_by_text("It is served again.")).to_be_visible()
    host.get_by_role("button", name="End it").click()
    expect(host.get_by_text("Nothing more is sent to it.")).to_be_visible()
    assert host.problems == []


def test_it_shows_every_call_and_leads_back_who_forgot(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/api/docs/", DESKTOP)
    expect(page.locator(".opblock-tag").first).to_be_visible()
    shoot(page, "calls")
    page.set_viewport_size(PHONE)
    page.goto(f"{house.url}/reset/")
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("[data-said]")).not_to_be_empty()
    assert_fits(page)
    shoot(page, "reset")
    inspection = Inspection()
    inspection.look("reset", page)
    inspection.assert_well()
    assert page.problems == []
