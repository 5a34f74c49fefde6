"""What comes from outside fits a shape exactly, or is malformed."""

import io
import unicodedata

import pytest

from web.limits import BODY_BYTES_MAX
from web.parsing import Message, RawParser, parse, tidy
from web.refusals import Refused

pytestmark = pytest.mark.once


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


def test_it_has_a_sentence_for_who_filled_in_the_field():
    with pytest.raises(Refused) as refused:
        tidy("", "title", most=80)
    assert refused.value.detail == {"field": "title", "hint": "It may have 1 to 80 characters."}
    assert refused.value.message == (
        "The field “title” is not understood. It may have 1 to 80 characters."
    )


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


@pytest.mark.parametrize(
    "text",
    [
        "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\ufe0f", "\U000e0100", "\u200d",
        "\u200b", "\u2060", "\u00ad", "\u034f", "\u0301",
        "\u20e3", "a \u0301", "\u0378", "\ue000", "\u3000",
        "\u00a0", "Ye\u200ds", "a\u3164b", "a\ufe0f", "👩\u200d\u200d🚀", "\U000e0067", "\u202ea",
        "❤\ufe0f\ufe0f", "\U00013441",
    ],
)  # fmt: skip
def test_it_refuses_what_draws_nothing(text):
    with pytest.raises(Refused):
        tidy(text, "label", most=60)


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🚀",
        "👁\ufe0f\u200d🗨\ufe0f", "🏃🏽\u200d♂\ufe0f", "1\ufe0f\u20e3", "‼\ufe0f", "❤\ufe0f",
        "☎\ufe0e",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🇰🇷",
        "می\u200cخواهم",
        "ക്\u200d", "র\u200d্যাব", "क्षत्रिय", "ភាសាខ្មែរ", "မြန်မာ", "ภาษาไทย", "བོད་སྐད", "葛\U000e0100城",
        "ᠮᠣᠩᠭᠣᠯ\u180b", "한국어", "שָׁלוֹם", "ኣማርኛ", "ᏣᎳᎩ", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "ߒߞߏ", "\u06dd١٢",
    ],
)  # fmt: skip
def test_it_keeps_emoji_joiners_and_living_scripts(text):
    line = tidy(text, "label", most=60)
    assert line == unicodedata.normalize("NFC", text)


def test_it_reads_every_blank_as_one():
    assert tidy("\u3000누가\u3000\u00a0이길까 ", "question", most=60) == "누가 이길까"
