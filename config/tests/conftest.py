"""Fixtures of the walks through the whole house."""

from config.tests.browsers import browser, chromium

__all__ = ["browser", "chromium"]
