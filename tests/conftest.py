"""Fixtures of the walks through the whole house."""

from tests.browser.browsers import browser, chromium

__all__ = ["browser", "chromium"]
