"""A bank that fills, as people in a room see it: told in their language, and what still works."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from operations.tests.bank_memory import fill
from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import ask_question, open_room, step_in
from tests.servers import House, house_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.long]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("BANK_MEMORY_MB", "24")
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="100") as made,
    ):
        yield made


def test_it_says_what_rests_and_what_goes_on_in_both_languages(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "The full house")
    code = host.locator("main").get_attribute("data-code") or ""
    ask_question(host, "Who stands?", ["We", "They"], "When I lock")
    ana = visit(browser, house.url, PHONE)
    step_in(ana, code)
    mina = visit(browser, f"{house.url}/r/{code}/", PHONE, locale="ko")
    mina.locator("[data-step-in] button").click()
    expect(mina.locator("main[data-connection=open]")).to_be_visible()
    strip = ana.locator("[data-memory]")
    expect(strip).to_be_hidden()
    fill(house, 0.86)
    expect(strip).to_contain_text("nearly full")
    ana.get_by_label("Say something").fill("Hello?")
    ana.get_by_role("button", name="Send").click()
    expect(ana.locator("[data-chat] [role=status]")).to_contain_text("No chat for now")
    fill(house, 0.955)
    expect(strip).to_have_class(re.compile("notice--bad"))
    ana.locator(".post[data-outcome=A]").click()
    ana.get_by_role("button", name=re.compile("^Bet .* on A")).click()
    expect(ana.locator("[data-said]")).to_contain_text("No new bets for now")
    assert_fits(ana)
    shoot(ana, "memory-full")
    host.get_by_role("button", name="Lock now").click()
    expect(host.locator("main")).to_contain_text("Refunded")
    expect(mina.locator("[data-memory]")).to_contain_text("가득 찼어요")
    shoot(mina, "memory-full-ko")
    fill(house, 0.5)
    expect(strip).to_be_hidden()
    for page in (host, ana, mina):
        assert page.problems == []
