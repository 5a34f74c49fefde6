"""Outside input becomes a typed value here, once, for HTTP and sockets alike.

A shape is a `Message` (or a union of tagged ones). What does not fit is refused as `malformed`,
naming the field; nothing is ever bent into fitting.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from django.utils.translation import gettext as _
from msgspec import UnsetType
from rest_framework.parsers import BaseParser

from web.limits import BODY_BYTES_MAX
from web.refusals import Refused

T = TypeVar("T")

_FIELD = re.compile(r"at `\$\.?([^`]*)`|(?:unknown|required) field `([^`]*)`")
# Categories of characters that draw nothing: control, format and direction characters, lone
# surrogates, private and unassigned ones, line and paragraph separators.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINER = "\u200d"


class Message(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The base of every shape that comes from outside: a field not listed is malformed."""

    @property
    def own_id(self) -> int | str | None:
        """The id by which an error on a socket names this message; None where it has none."""
        return None


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


def malformed(field: str, why: str = "") -> Refused:
    """The refusal for a field whose value is of the right type and still makes no sense."""
    message = _("The field “%(field)s” is not understood.") % {"field": field}
    return Refused("malformed", f"{message} {why}".strip(), detail={"field": field})


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

    `least` and `most` count code points afterwards. Control and direction characters are
    refused; the joiner inside emoji is not.
    """
    line = re.sub(" +", " ", unicodedata.normalize("NFC", text)).strip()
    if not least <= len(line) <= most:
        raise malformed(
            field,
            _("It may have %(least)d to %(most)d characters.") % {"least": least, "most": most},
        )
    if any(unicodedata.category(c) in UNSEEN and c != _JOINER for c in line):
        raise malformed(field, _("It holds a character that cannot be seen."))
    return line
