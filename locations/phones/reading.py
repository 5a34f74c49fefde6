"""Tolerant reading of what phone apps send: numbers as text, -1 for unknown, times of all kinds.

Shared by the readers of OwnTracks and Traccar. Pure; nothing here raises on any input but
`Unreadable`.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from locations.fixes.fix import Measured

Kind = Literal[
    "position", "event", "control", "encrypted", "empty", "no_position", "malformed", "too_large"
]
_MS_MAX = 10**16


class Unreadable(Exception):
    """A message that makes no sense."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The kind of a request, and the positions in it; `token` is one that the body names."""

    kind: Kind
    measured: list[Measured] = field(default_factory=list)
    token: str = ""


def from_json(body: bytes) -> Any:
    """Decode JSON of any shape. Raises Unreadable."""
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Unreadable from error


def number(found: Any) -> float | None:
    """A finite number, also as text; anything else is None."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    if isinstance(found, str) and (len(found) > 40 or "_" in found):
        return None
    try:
        figure = float(found)
    except (ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) else None


def needed(found: Any) -> float:
    """A number that must be there."""
    figure = number(found)
    if figure is None:
        raise Unreadable
    return figure


def positive(found: Any) -> float | None:
    """A number above zero; apps say 0 and -1 for an accuracy they do not know."""
    figure = number(found)
    return figure if figure is not None and figure > 0 else None


def scaled(found: Any, by: float) -> float | None:
    """A number in other units."""
    figure = number(found)
    return None if figure is None else figure * by


def is_true(found: Any) -> bool:
    """True in JSON, in a query and in a form."""
    return found is True or (isinstance(found, str) and found.lower() in ("true", "1"))


def seconds_to_ms(found: Any) -> int:
    """Unix seconds as milliseconds; zero is no time."""
    figure = needed(found)
    if figure == 0 or abs(figure) > _MS_MAX / 1000:
        raise Unreadable
    return round(figure * 1000)


def any_time_to_ms(found: Any) -> int | None:
    """Unix seconds, Unix milliseconds, ISO 8601 or `2026-01-31 12:00:00`; absent is None.

    Numbers below 2^31 are seconds. A text without a zone is UTC.
    """
    if found in (None, ""):
        return None
    figure = number(found)
    if figure is not None:
        return seconds_to_ms(figure) if figure < 2**31 - 1 else seconds_to_ms(figure / 1000)
    if not isinstance(found, str) or len(found) > 40:
        raise Unreadable
    try:
        moment = datetime.fromisoformat(found)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Unreadable from error
