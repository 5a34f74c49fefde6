"""Words of a page: no name turns what stands around it, and what a browser translated stays."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, visit
from tests.browser.test_browser import ask_question, open_room, step_in
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

# What a browser that translates pages does to every piece of text that it may touch.
TRANSLATE = """() => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const pieces = [];
    while (walker.nextNode()) pieces.push(walker.currentNode);
    const shown = pieces.filter((piece) => piece.textContent.trim() && piece.parentElement.translate
        && piece.parentElement.checkVisibility());
    for (const piece of shown) {
        const font = document.createElement("font");
        font.textContent = `«${piece.textContent}»`;
        piece.replaceWith(font);
    }
    return shown.map((piece) => `«${piece.textContent}»`);
}"""


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Say something")).to_have_value("")


def test_it_keeps_names_and_figures_apart_and_translated_words(
    browser: Browser, house: House
) -> None:
    host = open_room(browser, house.url, "Words")
    ask_question(host, "Which snail wins?", ["Turbo Lettuce", "The Duchess"], "When I lock")
    mika = visit(browser, house.url, PHONE)
    step_in(mika, host.url.split("/")[4])
    expect(mika.locator("[data-ring] [data-question]")).to_have_text("Which snail wins?")
    filled = mika.evaluate(
        """import("/static/web/words.js").then(({ fill }) => [
            fill("%(coins)s %(name)s on A", { coins: 50, name: "דוד" }),
            fill("%(coins)s %(name)s on A", { coins: 50, name: "Mika" })])"""
    )
    assert filled == ["50 \u2068דוד\u2069 on A", "50 Mika on A"]
    say(mika, "100")
    assert mika.locator(".chat b").evaluate("(b) => getComputedStyle(b).unicodeBidi") == "isolate"

    translated = mika.evaluate(TRANSLATE)
    assert len(translated) > 10
    # The page draws itself four times a second.
    mika.wait_for_timeout(1_500)
    assert mika.locator("main font").all_text_contents() == translated
    assert mika.problems == host.problems == []
