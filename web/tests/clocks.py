"""Times for tests: by all clocks, or by our own alone."""

import pytest

from web import times
from web.rows import clocks


def set_all(monkeypatch: pytest.MonkeyPatch, at_ms: int) -> None:
    """Every clock says this."""
    set_own(monkeypatch, at_ms)
    monkeypatch.setattr(clocks, "others", [lambda: [at_ms]])


def set_own(monkeypatch: pytest.MonkeyPatch, at_ms: int) -> None:
    """The clock of this machine says this, and no other."""
    monkeypatch.setattr(times, "now_ms", lambda: at_ms)
