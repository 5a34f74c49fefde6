"""Text at twice its size, as its owner set it, also in a window at four times: nothing is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.browsers import LARGE_PRINT, PHONE, launched
from tests.browser.test_small_windows import ZOOMED, read_the_evening
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose owner set text to twice its size."""
    with launched(playwright, LARGE_PRINT) as browser:
        yield browser


def test_it_reads_at_twice_the_size(browser: Browser, house: House) -> None:
    read_the_evening(browser, house, (PHONE, ZOOMED), "large")
