"""The browser of the operators' walks."""

from tests.browser.browsers import browser, chromium

__all__ = ["browser", "chromium"]
