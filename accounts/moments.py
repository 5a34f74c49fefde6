"""Unix milliseconds as people read them."""

from datetime import UTC, datetime


def moment(at_ms: int | None) -> datetime | None:
    """The aware moment of a time in Unix milliseconds."""
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)
