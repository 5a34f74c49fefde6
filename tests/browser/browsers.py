"""Chromium for a test: a real browser, driven through Playwright, that talks to nobody else.

pytestmark = pytest.mark.browser

def test_it_shows(browser: Browser, house: House) -> None:
    page = visit(browser, house.url, PHONE)
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from launcher.venv import ROOT

# Pictures for people to look at are kept where this folder is: no test reads one.
SHOTS = ROOT / "test-shots"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# Playwright's own list, the place of which ours takes; then a renderer kept for the next page,
# and two in which the address line of a window that nobody sees would show its suggestions.
_FEATURES_OFF = [
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning", "Translate",
    "SpareRendererForSitePerProcess", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
]  # fmt: skip
# The browser's own errands would only wait for hosts that a test machine does not reach.
_FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    f"--disable-features={','.join(_FEATURES_OFF)}",
]  # fmt: skip

# The first needs half the time of the second for a page: it draws no window around it.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")

# All text at twice the size, as its owner set it.
LARGE_PRINT = "--blink-settings=defaultFontSize=32"


@contextmanager
def launched(playwright: Playwright, *more: str) -> Iterator[Browser]:
    """The system's Chromium with more flags, closed after; skips where there is none."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("There is no chromium on this machine.")
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    expect.set_options(timeout=40_000)
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*flags, *more])
    yield browser
    browser.close()


def _kept_for(fixture_name: str, config: pytest.Config) -> str:
    """A process that tests pages alone keeps one browser.

    Playwright leaves its event loop running in its thread, where other tests need their own.
    """
    return "session" if config.option.markexpr == "browser" else "module"


@pytest.fixture(scope=_kept_for)
def playwright() -> Iterator[Playwright]:
    """What drives browsers; a thread can have one only."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope=_kept_for)
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for a test module, or for all of a process."""
    with launched(playwright) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser for visitors, each in a context of their own; all go home after the test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


def visit(browser: Browser, url: str, size: dict[str, int], **traits: str) -> Page:
    """A new visitor with empty cookies, who fails the test when a script of ours fails."""
    context = browser.new_context(
        viewport=size, locale=traits.get("locale", "en"), color_scheme=traits.get("scheme", "light")
    )
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: _note(page, said.text))
    page.goto(url)
    return page


def _note(page: Page, text: str) -> None:
    # What the house refuses shows up as a failed load; that is no fault of the page.
    if "Content Security Policy" in text or "Failed to load module" in text:
        page.problems.append(text)


def shoot(page: Page, name: str) -> None:
    """Keep a picture of what the visitor sees, under its name and width, where SHOTS is."""
    if SHOTS.is_dir():
        path = SHOTS / f"{name}-{page.viewport_size['width']}.png"
        page.screenshot(path=path, animations="disabled")


def assert_fits(page: Page) -> None:
    """Nothing stands out sideways, and no script failed."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px stand out of {page.url}"
    assert page.problems == [], page.problems


def fills(page: Page) -> None:
    """Nothing of a big screen stands out or is cut off."""
    assert_fits(page)
    cut = page.evaluate(
        """[...document.querySelectorAll("h1, .post, .strip > *, .clock, .post-odds")]
            .filter((node) => node.offsetParent)
            .map((node) => [node.className, node.getBoundingClientRect()])
            .filter(([, box]) => box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
            .map(([name]) => name)"""
    )
    assert cut == []
    # The posts settle with their first figures; a name that stays over its ropes fails.
    page.wait_for_function(
        """() => ![...document.querySelectorAll(".post")].some((post) => {
            const [name, box] = [post.querySelector(".post-name"), post].map(
                (node) => node.getBoundingClientRect());
            const ropes = post.querySelector(".bar, .slack").getBoundingClientRect();
            return name.top < box.top - 1 || name.bottom > ropes.top + 1;
        })""",
        timeout=40_000,
    )
