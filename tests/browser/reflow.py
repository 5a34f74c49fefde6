"""Whether a page still reads when its text is large or its window narrow: WCAG 1.4.4 and 1.4.10."""

import time

from playwright.sync_api import Page

from tests.browser.browsers import assert_fits

SETTLED_WITHIN_S = 10
# Lines of text that lie over each other, or reach out of the window; what is drawn on top of the
# page on purpose (a dock, a sheet, a toast) is compared within itself only.
_FAULTS = """() => {
    const layerOf = (node) => {
        while (node !== document.body && !node.matches("dialog[open]")
            && !["sticky", "fixed"].includes(getComputedStyle(node).position)) {
            node = node.parentElement;
        }
        return node;
    };
    const clip = (node, line) => {
        for (let box = node; box && box !== document.body; box = box.parentElement) {
            if (getComputedStyle(box).overflow === "visible") continue;
            const { left, right, top, bottom } = box.getBoundingClientRect();
            line = { left: Math.max(line.left, left), right: Math.min(line.right, right),
                top: Math.max(line.top, top), bottom: Math.min(line.bottom, bottom) };
        }
        return line;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const lines = [];
    while (walker.nextNode()) {
        const text = walker.currentNode;
        const node = text.parentElement;
        if (!text.data.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
        if (node.closest(".vh, .skip, svg, option, noscript, .leaflet-container")) continue;
        if (document.querySelector("dialog[open]") && !node.closest("dialog[open]")) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) {
            // Line boxes of display type are higher than its letters.
            const air = box.height * 0.22;
            const seen = clip(node, { left: box.left + 1, right: box.right - 1,
                top: box.top + air, bottom: box.bottom - air });
            if (seen.left >= seen.right || seen.top >= seen.bottom) continue;
            const words = text.data.trim().slice(0, 30);
            lines.push({ node, words, layer: layerOf(node), ...seen });
        }
    }
    const faults = lines.filter(({ right, left, node }) => (right > innerWidth + 2 || left < -2)
        && !node.closest(".scroll, .questions, .wide")).map(({ words }) => `outside: ${words}`);
    lines.forEach((one, place) => lines.slice(place + 1).forEach((other) => {
        if (one.node === other.node || one.layer !== other.layer) return;
        const isOver = one.left < other.right && other.left < one.right
            && one.top < other.bottom && other.top < one.bottom;
        if (isOver) faults.push(`${one.words} | ${other.words}`);
    }));
    return [...new Set(faults)];
}"""


def faults(page: Page) -> list[str]:
    """Words that lie over other words, or outside of the window."""
    found: list[str] = page.evaluate(_FAULTS)
    return found


def assert_reflows(page: Page, name: str) -> None:
    """Once the page has settled nothing is scrolled sideways, and no words lie over others."""
    assert_fits(page)
    found = faults(page)
    until_s = time.monotonic() + SETTLED_WITHIN_S
    while found and time.monotonic() < until_s:
        page.wait_for_timeout(250)
        found = faults(page)
    assert not found, f"{name}, {page.url}: {found}"
