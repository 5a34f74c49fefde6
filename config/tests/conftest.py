"""Fixtures of the walks through the whole house."""

from config.tests.browsers import browser

__all__ = ["browser"]
