"""Numbers as phone apps write them: as text, with a decimal comma, -1 for unknown.

Pure; nothing here raises.
"""

import math
import re
import unicodedata
from typing import Any
from urllib.parse import unquote

CHARACTERS_MAX = 100
# How apps write that they have nothing.
_NOTHING = {"", "null", "none", "nil", "undefined", "(null)", "-", "--"}
_EXPONENT = re.compile(r"[eE] (?=\d)")
# Signs that programs write in the language of the phone.
_SIGNS = str.maketrans(
    {"٫": ".", "−": "-", "–": "-", "\u2066": "", "\u2069": "", "\u200e": "", "\u200f": ""}
)


def plain(found: Any) -> str:
    """Text without quotes, blanks around it and a second encoding; in ASCII where it has digits."""
    text = str(found) if isinstance(found, int | float | str) else ""
    if "%" in text:
        text = unquote(text)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip().strip("\"'").strip()
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(each, each)) for each in text)


def is_absent(found: Any) -> bool:
    """Whether a field says that there is nothing to say."""
    return found is None or (isinstance(found, str) and plain(found).lower() in _NOTHING)


def number(found: Any) -> float | None:
    """A finite number, also as text; anything else is None."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    if isinstance(found, str):
        if len(found) > CHARACTERS_MAX or "_" in found:
            return None
        # The + of an exponent becomes a blank on the way through a query.
        found = _EXPONENT.sub("E+", plain(found).replace(",", "."))
    try:
        figure = float(found)
    except (ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) else None


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
    return plain(found).lower() in ("true", "1", "yes") if found is not None else False


def is_false(found: Any) -> bool:
    """False in JSON, in a query and in a form."""
    return plain(found).lower() in ("false", "0", "no") if found is not None else False
