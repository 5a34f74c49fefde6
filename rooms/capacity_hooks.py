"""Checks that there is space for more; an app above that watches a store registers one here."""

from collections.abc import Callable
from typing import Literal

Wanted = Literal["room", "chat"]

# Called before a room is opened and before a line is said, from threads and from event loops, so
# none of them may wait there. Each raises Refused: busy, where there is no space.
checks: list[Callable[[Wanted, int], None]] = []


def require(wanted: Wanted, club_id: int) -> None:
    """Run all checks for a new room or line of a club. Raises Refused: busy."""
    for check in checks:
        check(wanted, club_id)
