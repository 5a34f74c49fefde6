"""The evening ends: a podium on every page, and one page that can be shared."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.browser.test_browser import HD, Evening, ask_question, bet, settle
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def check_pause(player: Page, house: House) -> None:
    """A bank that may not be believed is shut: the room is told, and nobody can press the slip."""
    set_by_hand = (
        "from betting import bank; bank.each_primary('CONFIG', 'SET', 'appendfsync', {!r})"
    )
    strip = player.locator("[data-paused]")
    house.manage("shell", "-c", set_by_hand.format("no"))
    try:
        expect(strip).to_be_visible()
        button = player.locator("[data-go]")
        expect(button).to_have_text("Bets are paused")
        expect(button).to_be_disabled()
        shoot(player, "paused")
    finally:
        house.manage("shell", "-c", set_by_hand.format("always"))
    expect(strip).to_be_hidden()
    expect(button).to_be_enabled()


def check_receipts(player: Page, house: House) -> None:
    """What a browser kept is saved, and stands in the ledger; a changed copy of it does not."""
    page = player.context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{house.url}/me/")
    panel = page.locator("[data-receipts]")
    expect(panel).to_contain_text("1 receipt is kept in this browser.")
    with page.expect_download() as saving:
        panel.get_by_role("button").click()
    kept = json.loads(Path(saving.value.path()).read_text())
    with page.expect_download() as saving:
        page.locator("[data-bets]").get_by_role("button", name="Receipt").click()
    signed = json.loads(Path(saving.value.path()).read_text())
    (receipt,) = kept["receipts"]
    assert {name: signed[name] for name in receipt} == receipt
    shoot(page, "receipts")
    page.goto(f"{house.url}/verify/")
    says = page.locator("[data-says]")
    for content, expected in (
        (kept, "in the ledger, as"),
        (signed, "1 stands in the ledger, as it was answered."),
        ({**kept, "receipts": [{**receipt, "stake": 1}, receipt]}, "does not stand"),
        ({}, "no receipts in this file"),
    ):
        file = {"name": "kept.json", "mimeType": "application/json"}
        page.set_input_files("#receipts", {**file, "buffer": json.dumps(content).encode()})
        expect(says).to_contain_text(expected)
        if "not stand" in expected:
            first = page.locator("[data-verdicts] li").first
            expect(first).to_have_attribute("data-code", "altered")
            shoot(page, "verify")
            assert_fits(page)
    page.close()


def test_it_crowns_the_best_of_the_evening_and_shares_the_page(
    browser: Browser, house: House
) -> None:
    evening = Evening(browser, house.url)
    host, mika, ren = evening.everybody
    screen = visit(browser, f"{house.url}/r/{evening.code}/screen/", HD)
    expect(screen.get_by_text("No question open")).to_be_visible()
    ask_question(host, "Who wins?", ["Home", "Away"], "When I lock")
    bet(mika, "A", "100")
    bet(ren, "B", "50")
    check_pause(ren, house)
    host.get_by_role("button", name="Lock now").click()
    settle(host, "B")
    expect(ren.locator("[data-ticket=settled]")).to_contain_text("In my ledger")
    expect(mika.locator("[data-standings] tbody tr").first).to_contain_text("Ren+100")
    shoot(mika, "standings")
    check_receipts(mika, house)
    page = visit(browser, f"{house.url}/r/{evening.code}/evening/", PHONE, scheme="dark")
    expect(page.locator("[data-note]")).to_contain_text("members of the room only")
    host.get_by_role("button", name="End the room…").click()
    host.get_by_role("button", name="End the room", exact=True).click()
    for ended in (mika, host, screen):
        last = ended.locator(":is([data-gate=ended], [data-over])")
        expect(last.locator("[data-firsts] bdi")).to_have_text(["Ren"])
        assert_fits(ended)
        shoot(ended, "podium")
    host.get_by_role("link", name="The evening", exact=True).click()
    host.get_by_label("Everybody may see this page").check()
    expect(host.get_by_text("Everybody with the link sees it now.")).to_be_visible()
    expect(host.get_by_role("link", name="Save as CSV")).to_be_visible()
    shoot(host, "evening-host")
    page.reload()
    expect(page.locator("[data-table] tbody tr")).to_have_count(2)
    expect(page.locator("[data-running]")).to_be_hidden()
    page.get_by_text("How the shares moved").click()
    expect(page.locator(".odds-line")).to_have_count(2)
    assert_fits(page)
    shoot(page, "evening-dark")
    korean = visit(browser, page.url, DESKTOP, locale="ko")
    expect(korean.get_by_role("heading", name="순위")).to_be_visible()
    shoot(korean, "evening-ko")
