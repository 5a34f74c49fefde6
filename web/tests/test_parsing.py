"""What comes from outside fits a shape exactly, or is malformed."""

import io

import pytest

from web.limits import BODY_BYTES_MAX
from web.parsing import Message, RawParser, parse, tidy
from web.refusals import Refused


class Stake(Message, frozen=True, kw_only=True):
    stake: int = 1
    label: str = ""
    is_big: bool = False
    winners: list[int] = []


@pytest.mark.parametrize("body", [b"", b"{}", {}, '{"stake": 1}', b' {"stake":1} '])
def test_it_reads_an_absent_body_as_an_empty_object(body):
    assert parse(body, Stake) == Stake()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"stake": 1.0}', "stake"),
        (b'{"stake": 1e3}', "stake"),
        (b'{"stake": "1"}', "stake"),
        (b'{"stake": true}', "stake"),
        (b'{"stake": null}', "stake"),
        (b'{"is_big": 1}', "is_big"),
        (b'{"winners": [1, "2"]}', "winners[...]"),
        (b'{"odds": 2}', "odds"),
        (b'{"label": 5}', "label"),
    ],
)
def test_it_names_the_field_that_is_malformed(body, field):
    with pytest.raises(Refused) as refused:
        parse(body, Stake)
    assert refused.value.code == "malformed"
    assert refused.value.detail["field"].startswith(field.split("[")[0])


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"null", b"1", b"{", b"{} {}", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"stake": NaN}',
        b'{"stake": Infinity}', b'{"stake": 01}', b'{"label": "\\ud800"}', b'{"label": "\xff"}',
        b"[" * 60_000, b'{"a":' * 10_000, b'{"winners": ' + b"[" * 50_000, b"\x00",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_json_object_of_this_shape(body):
    with pytest.raises(Refused) as refused:
        parse(body, Stake)
    assert refused.value.code == "malformed"


def test_it_does_not_read_more_than_a_body_may_have():
    exact = b" " * BODY_BYTES_MAX
    assert RawParser().parse(io.BytesIO(exact)) == exact
    with pytest.raises(Refused) as refused:
        RawParser().parse(io.BytesIO(exact + b" "))
    assert refused.value.code == "too_large"


def test_it_tidies_one_line_of_text():
    assert tidy("  Who   wins? ", "question", most=140) == "Who wins?"
    assert tidy("e\u0301", "label", most=1) == "é"
    assert tidy("👩\u200d🚀", "label", most=60) == "👩\u200d🚀"


@pytest.mark.parametrize("text", ["", "   ", "a" * 61, "a\nb", "a\u202eb", "a\u2028b", "a\x7f"])
def test_it_refuses_text_that_is_no_line(text):
    with pytest.raises(Refused):
        tidy(text, "label", most=60)
