"""Outside input becomes a typed value here, once, for HTTP and sockets alike.

A shape is a `Message` (or a union of tagged ones). What does not fit is refused as `malformed`,
naming the field; nothing is ever bent into fitting.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from msgspec import UnsetType
from rest_framework.parsers import BaseParser

from web.characters import BLANK, JOINERS
from web.limits import BODY_BYTES_MAX
from web.refusals import Refused

T = TypeVar("T")

_FIELD = re.compile(r"at `\$\.?([^`]*)`|(?:unknown|required) field `([^`]*)`")
# Categories of characters that draw nothing: control, format and direction characters, lone
# surrogates, private and unassigned ones, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Signs of Arabic, Syriac and Kaithi around numbers are drawn though they are format characters.
_DRAWN = frozenset(map(chr, (
    *range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD,
)))  # fmt: skip
# Unseen characters that change how the one before them is drawn, where they do so: the flags of
# countries' parts, keys and punctuation as emoji, variants of Han and Mongolian letters.
_IN_PLACE = re.compile(
    "(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f"
    "|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=[\u203c\u2049\u3030])\ufe0f"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|(?<=[\u1000-\u109f\uaa60-\uaa7f])\ufe00|(?<=[\u1820-\u18aa])[\u180b-\u180f]"
)
_AS_SYMBOL = "\ufe0e\ufe0f"
_JOINING = frozenset({"So", "Sk", "Sm", "Mn", "Mc", "Lo"})
_BLANKS = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


class Message(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The base of every shape that comes from outside: a field not listed is malformed."""

    @property
    def own_id(self) -> int | str | None:
        """The id by which an error on a socket names this message; None where it has none."""
        return None


class Nothing(Message, frozen=True):
    """A call without fields."""


def given(value: T | UnsetType) -> T | None:
    """What a field holds that may be left out; None where it was.

    Such a field is `X | UnsetType = UNSET`, so that a null in it is malformed as any wrong type.
    """
    return None if isinstance(value, UnsetType) else value


class RawParser(BaseParser):
    """Keeps a JSON body as bytes for `parse`; other content types never get here."""

    media_type = "application/json"

    def parse(  # type: ignore[override]
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Read at most 64 KiB. Raises Refused: too_large."""
        body: bytes = stream.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            raise Refused("too_large")
        return body


@lru_cache(maxsize=256)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def parse(body: Any, shape: type[T]) -> T:
    """Read JSON as a shape. Raises Refused: malformed, naming the field.

    An absent body reads as `{}`; DRF hands over an empty mapping for it, so `request.data` may
    be passed as it is. Integers are JSON integers only: no 1.0, no "1", no true.
    """
    raw = body if isinstance(body, (bytes, str)) else b""
    try:
        value: T = _decoder(shape).decode(raw or b"{}")  # type: ignore[arg-type]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _malformed(str(error)) from None
    return value


def parse_query(said: QueryDict, shape: type[T]) -> T:
    """Read a query string as a shape; a value that is empty counts as left out.

    Raises Refused: malformed, also for a name that the shape has not.
    """
    names = {field.name for field in msgspec.structs.fields(shape)}  # type: ignore[arg-type]
    told = {name: text for name, text in said.items() if text or name not in names}
    try:
        return msgspec.convert(told, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None


def malformed(field: str, why: str = "") -> Refused:
    """The refusal for a field whose value is of the right type and still makes no sense.

    `why`, a sentence for the field's writer, stands in the detail as `hint` too.
    """
    message = _("The field “%(field)s” is not understood.") % {"field": field}
    detail = {"field": field, "hint": why} if why else {"field": field}
    return Refused("malformed", f"{message} {why}".strip(), detail=detail)


def _malformed(why: str) -> Refused:
    found = _FIELD.search(why)
    field = next((part for part in found.groups() if part), "") if found else ""
    # A field's name may be the sender's own text, so it is kept short.
    if not field:
        return Refused("malformed")
    refused = malformed(field[:60])
    # The decoder speaks English to who writes a client; people read the message.
    refused.detail["why"] = why[:160]
    return refused


def tidy(text: str, field: str, *, most: int, least: int = 1) -> str:
    """One line of text as it is kept: NFC, outer blanks cut, inner blanks single.

    `least` and `most` count code points afterwards. Characters that draw nothing are refused, but
    where emoji and scripts need them. Raises Refused: malformed.
    """
    line = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not least <= len(line) <= most:
        raise malformed(
            field,
            _("It may have %(least)d to %(most)d characters.") % {"least": least, "most": most},
        )
    if _holds_unseen(line):
        raise malformed(field, _("It holds a character that cannot be seen."))
    return line


def is_unseen(character: str, before: str) -> bool:
    """Whether a character draws nothing behind this one; an emoji's selector does, by a symbol."""
    if character in _AS_SYMBOL:
        return not unicodedata.category(before).startswith("S")
    if ord(character) in BLANK:
        return True
    return unicodedata.category(character) in _UNSEEN and character not in _DRAWN


def _holds_unseen(line: str) -> bool:
    """Whether a line has a character that draws nothing, or a mark with nothing to stand on."""
    plain = _IN_PLACE.sub("", line)
    return any(
        not _joins(before) if c in JOINERS else is_unseen(c, before) or _stands_alone(c, before)
        for before, c in pairwise(" " + plain)
    )


def _joins(before: str) -> bool:
    """Whether a joiner may stand behind a character: an emoji, or a letter of a joining script."""
    return before in _AS_SYMBOL or unicodedata.category(before) in _JOINING


def _stands_alone(character: str, before: str) -> bool:
    return before == " " and unicodedata.category(character).startswith("M")
