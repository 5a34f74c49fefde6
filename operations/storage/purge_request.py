"""What an operator asks to be purged, read from words or refused with a sentence."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime

from django.utils.dateparse import parse_date, parse_datetime

from operations.storage.purgeable import KEPT, KINDS
from web.times import DAY_MS, HOUR_MS, now_ms

KEPT_SENTENCE = (
    "{word} is never purged: the coins can be proved only while every entry and what it speaks"
    " of is there."
)


def age(text: str) -> int:
    """A time in Unix milliseconds from `30d`, `12h`, a day or a moment (UTC unless it says)."""
    if found := re.fullmatch(r"(\d{1,5})([dh])", text):
        return now_ms() - int(found[1]) * (DAY_MS if found[2] == "d" else HOUR_MS)
    try:
        day, at = parse_date(text), parse_datetime(text)
    except ValueError:
        day = at = None
    if day and not at:
        at = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone comes next.
    if at is None:
        raise ArgumentTypeError("use 30d, 12h, 2026-11-01 or 2026-11-01T20:00Z")
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def kind(text: str) -> str:
    """What to purge, or a refusal that says why not."""
    if text in KEPT:
        raise ArgumentTypeError(KEPT_SENTENCE.format(word=text))
    if text not in KINDS:
        raise ArgumentTypeError(f"choose from {', '.join(KINDS)}")
    return text
