"""A time, a number or JSON is read as whatever wrote it meant it."""

from datetime import UTC, datetime

import pytest

from locations.phones import loose_json
from locations.phones.numbers import number
from locations.phones.timestamps import to_ms
from locations.phones.unread import Unread

pytestmark = pytest.mark.once

NOON = "2026-01-05T12:00:00Z"
NOON_MS = 1_767_614_400_000


# --- Times


def test_it_names_the_day_of_noon():
    assert datetime.fromtimestamp(NOON_MS / 1000, UTC).isoformat() == "2026-01-05T12:00:00+00:00"


@pytest.mark.parametrize(
    "said",
    [
        "2026-01-05T21:00:00+09:00", "2026-01-05T21:00:00 09:00", "2026-01-05T21:00:00+0900",
        "2026-01-05T21:00:00 0900", "2026-01-05T21:00:00+09", "2026-01-05 21:00:00 +0900",
        "2026-01-05T06:30:00-05:30", "2026-01-05T06:30:00\u221205:30", "2026-01-05t12:00:00z",
        "2026-01-05T11:59:60Z", "2026-01-05T12:00Z", "20260105T120000Z", "20260105120000",
        20260105120000, "2026-01-05T12:00:00.000000000Z", "2026-01-05T12:00:00,0Z",
        "2026/01/05 12:00:00", "2026-1-5 12:00:00 PM", "2026-01-05T12:00:00Z[UTC]",
        "2026-01-05T21:00:00+09:00[Asia/Seoul]", "2026-01-05T21:00:00 GMT+09:00",
        "2026-01-05T12%3A00%3A00Z", '"2026-01-05T12:00:00Z"', "2569-01-05T12:00:00Z",
        "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0665T\u0661\u0662:\u0660\u0660:\u0660\u0660Z",
        "Mon, 05 Jan 2026 12:00:00 GMT", "Mon, 05 Jan 2026 21:00:00 +0900",
        "Mon, 05 Jan 2026 21:00:00 0900", "5 Jan 2026 12:00:00 UT",
        "Monday, 05-Jan-26 12:00:00 GMT",
        "Mon Jan  5 12:00:00 2026", "Mon Jan 05 2026 21:00:00 GMT+0900 (Korean Standard Time)",
        "Mon Jan 05 21:00:00 GMT+09:00 2026", NOON_MS // 1000, NOON_MS, NOON_MS * 1000,
        NOON_MS * 10**6, "1767614400", " 1767614400 ", "1.7676144E9", "1767614400,0",
        "1767614400.0",
    ],
)  # fmt: skip
def test_it_reads_a_moment_as_any_library_writes_it(said):
    assert to_ms(said) == NOON_MS


def test_it_reads_the_last_second_of_a_day_and_the_end_of_it():
    assert to_ms("2026-01-05T24:00:00Z") == to_ms("2026-01-05T23:59:60Z") == NOON_MS + 43_200_000
    assert to_ms("2026-01-05T12:00:00.1234Z") == NOON_MS + 123


@pytest.mark.parametrize(
    "said",
    ["yesterday", "12:00", "2026-01-05", "2026-13-45T99:99:99Z", "2026-01-05T24:01:00Z", "0", 0, -1,
     "NaN", float("nan"), True, [], {}, "9" * 400, "2026-01-05T12:00:00+99:00", "\ud83d"],
)  # fmt: skip
def test_it_takes_nothing_for_a_moment_that_says_none(said):
    with pytest.raises(Unread, match="no_time"):
        to_ms(said)


@pytest.mark.parametrize("said", [None, "", " ", "null", "undefined"])
def test_it_knows_that_no_moment_was_said(said):
    assert to_ms(said) is None


# --- Numbers and JSON


@pytest.mark.parametrize(
    "said",
    [52.5, "52.5", "52,5", " 52.5 ", "+52.5", "5.25E1", "5.25E+01", "5.25e 01", '"52.5"',
     "52.50000", "\u0665\u0662\u066b\u0665", "\uff15\uff12.5", "52%2E5"],
)  # fmt: skip
def test_it_reads_a_number_as_any_language_writes_it(said):
    assert number(said) == 52.5


@pytest.mark.parametrize(
    "said", ["NaN", "Infinity", "1e999", "1_0", "north", True, [], {}, "9" * 400]
)
def test_it_takes_nothing_for_a_number_that_is_none(said):
    assert number(said) is None


@pytest.mark.parametrize(
    "text, found, is_closed",
    [
        ('{"a":NaN,"b":"a\tb"}', {"b": "a\tb"}, True),
        ('{"a":52,5,"b":13,4}', {"a": "52.5", "b": "13.4"}, True),
        ('{"b":,"a":2026-01-05T12:00:00Z}', {"a": NOON, "b": None}, True),
        ('{"a":1,"b":[1,],}', {"a": "1", "b": ["1"]}, True),
        ("{'a': True, 'b': None}", {"a": True, "b": None}, True),
        ('{"a":1}\n{"a":2}', [{"a": "1"}, {"a": "2"}], True),
        ('[{"a":12},{"a":13', [{"a": "12"}, {}], False),
        ('{"a":1,"image":"AAAA', {"a": "1"}, False),
    ],
)
def test_it_reads_json_as_far_as_somebody_could(text, found, is_closed):
    said, told = loose_json.read(text)
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if value == value}
    assert (said, told) == (found, is_closed)


@pytest.mark.parametrize("text", ["", "nope", "[" * 1_000, '{"a":' * 1_000])
def test_it_tells_what_is_no_json(text):
    with pytest.raises(loose_json.NoJson):
        loose_json.read(text)
