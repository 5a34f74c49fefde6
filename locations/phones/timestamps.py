"""Times as phone apps write them, as Unix milliseconds. Pure.

Understood are Unix times in seconds, milliseconds, microseconds and nanoseconds; ISO 8601 and its
relatives, with any offset, also one whose + became a blank on the way through a query; and the
dates of mails, HTTP and programs. A text without a zone is UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from locations.phones.numbers import CHARACTERS_MAX, is_absent, number, plain
from locations.phones.unread import Unread

# A Unix time in seconds has fewer than twelve digits for thousands of years; in milliseconds it
# has twelve since 1973, and so on in steps of a thousand.
SECONDS_MAX = 10**11
FINEST_MAX = 10**20
# `20260105120000` is a date, not a time in the year 2612.
COMPACT_FROM, COMPACT_TO = 20 * 10**12, 21 * 10**12
# Phones whose calendar is the Buddhist one count from 543 years earlier.
BUDDHIST_YEARS, BUDDHIST_FROM = 543, 2400

_ISO = re.compile(
    r"""
    (?P<year>\d{4}) (?P<between>[-/.:]?) (?P<month>\d{1,2}) (?P=between) (?P<day>\d{1,2})
    (?: [T_,\ ]\ * | (?<=\d{8}) )
    (?P<hour>\d{1,2}) (?P<colon>[:.]?) (?P<minute>\d{2})
    (?: (?P=colon) (?P<second>\d{2}) (?: [.,](?P<fraction>\d+) )? )?
    \ * (?P<half>[AP]M)? \ *
    (?: Z | (?:UTC|GMT)? (?P<offset> (?P<sign>[-+\ ]) \ * (?P<hours>\d{1,2}) :? (?P<minutes>\d{2})?
        (?: :?\d{2} )? )? )
    (?: \ * [\[(] [^\])]* [\])] )?
    """,
    re.VERBOSE,
)
# `Mon Jan 05 2026 12:00:00 GMT+0900 (…)` and `Mon Jan 05 12:00:00 GMT+09:00 2026`.
_PROGRAM = re.compile(
    r"[A-Z]{3} (?P<month>[A-Z]{3}) (?P<day>\d{1,2}) (?:(?P<year>\d{4}) )?(?P<clock>\d\d:\d\d:\d\d)"
    r"(?: (?P<zone>(?:GMT|UTC|Z)?(?:[-+ ]?\d\d:?\d\d)?))?(?: \([^)]*\))?(?: (?P<last>\d{4}))?"
)


def to_ms(found: Any) -> int | None:
    """A moment in Unix milliseconds; None where nothing is said. Raises Unread: no_time."""
    if is_absent(found):
        return None
    figure = number(found)
    if figure is not None and not COMPACT_FROM <= figure < COMPACT_TO:
        return _unix_ms(figure)
    text = plain(found)
    if not text or len(text) > CHARACTERS_MAX:
        raise Unread("no_time")
    try:
        return round(_moment(text).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Unread("no_time") from error


def _unix_ms(figure: float) -> int:
    """Zero is no time, and neither is a day before 1970."""
    if not 0 < figure < FINEST_MAX:
        raise Unread("no_time")
    while figure >= SECONDS_MAX:
        figure /= 1000
    return round(figure * 1000)


def _moment(text: str) -> datetime:
    """Raises ValueError."""
    text = " ".join(text.upper().split())
    if found := _ISO.fullmatch(text):
        return _iso(found)
    if found := _PROGRAM.fullmatch(text):
        day = f"{found['day']} {found['month']} {found['year'] or found['last']}"
        zone = re.sub("GMT|UTC|Z|:", "", found["zone"] or "").strip()
        zone = zone if zone[:1] in ("-", "+") else f"+{zone or '0000'}"
        return parsedate_to_datetime(f"{day} {found['clock']} {zone}")
    if text[:4].isdigit():
        moment = datetime.fromisoformat(f"{text}Z" if len(text) == 15 else text)
    else:
        moment = parsedate_to_datetime(text)
    # A day without a time would date the position to another hour.
    if not re.search(r"\d[:T]\d", text):
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(found: re.Match[str]) -> datetime:
    year, hour = int(found["year"]), int(found["hour"])
    if year >= BUDDHIST_FROM:
        year -= BUDDHIST_YEARS
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "PM" else 0)
    day = datetime(year, int(found["month"]), int(found["day"]), tzinfo=UTC)
    minute, second = int(found["minute"]), int(found["second"] or 0)
    # The end of a day may be called 24:00, and a minute may have a second more.
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError(found[0])
    past = timedelta(hours=hour, minutes=minute, seconds=second)
    past += timedelta(seconds=float(f"0.{found['fraction'] or 0}"))
    return day + past - _offset(found)


def _offset(found: re.Match[str]) -> timedelta:
    if not found["offset"]:
        return timedelta()
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if hours > 18 or minutes > 59:
        raise ValueError(found[0])
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if found["sign"] == "-" else offset
