"""JSON as templates and old libraries write it, read as far as a careful reader could.

Where the standard reader gives up: missing values are null, words without quotes are text, a
comma between digits of one figure is a decimal comma, several values one after another are a list,
and of a text that is torn what stands before the tear is taken, without a figure or a word that may
have lost its end.
"""

import json
import re
from typing import Any

DEPTH_MAX = 32
_BLANK = re.compile(r"[\s\0]*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_NAME = re.compile(r"[^,:{}\[\]]*")
_WORD = re.compile(r"[^,{}\[\]]*")
# Only in an object: in a list of whole numbers every comma would look like one.
_DECIMAL_COMMA = re.compile(r"\s*(-?\d+),(\d+)\s*(?=[,}])")
_WORDS = {"true": True, "false": False, "null": None, "none": None, "": None}


class NoJson(Exception):
    """A text that is not JSON, even when it is read loosely."""


def read(text: str) -> tuple[Any, bool]:
    """The values in a text, and whether it is whole. Raises NoJson."""
    try:
        return json.loads(text, strict=False, parse_int=_int), True
    except (ValueError, RecursionError):
        pass
    reader = _Reader(text)
    found = reader.values()
    if not found:
        raise NoJson
    return found if len(found) > 1 else found[0], not reader.is_torn


def _int(digits: str) -> int | float:
    """A whole number, or a float of many digits: Python refuses thousands of them."""
    return int(digits) if len(digits) < 30 else float(digits)


_TORN = object()


class _Reader:
    """One text and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.is_torn = False

    def values(self) -> list[Any]:
        """All objects and lists of the text; what stands between them is passed over."""
        found = []
        while sign := self._sign():
            if sign in ("{", "["):
                found.append(self.value(0))
            else:
                self._at += 1
        return found

    def value(self, depth: int) -> Any:
        """The next value; _TORN where the text ends in it."""
        if depth > DEPTH_MAX:
            raise NoJson
        sign = self._sign()
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._list(depth)
        return self._string() if sign == '"' else self._word(_WORD)

    def _sign(self) -> str:
        """The next sign that is no blank, and "" at the end."""
        self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
        return self._text[self._at : self._at + 1]

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        while (sign := self._sign()) not in ("}", ""):
            if sign in (",", ":", "]", "[", "{"):
                self._at += 1
                continue
            name = self._string() if sign == '"' else self._word(_NAME)
            if self._sign() != ":":
                continue
            self._at += 1
            value = self._figure_with_comma()
            value = self.value(depth + 1) if value is None else value
            if value is not _TORN and isinstance(name, str):
                found[name] = value
        self._close()
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        while (sign := self._sign()) not in ("]", ""):
            if sign in (",", ":", "}"):
                self._at += 1
                continue
            value = self.value(depth + 1)
            if value is not _TORN:
                found.append(value)
        self._close()
        return found

    def _close(self) -> None:
        self.is_torn = self.is_torn or self._at >= len(self._text)
        self._at += 1

    def _figure_with_comma(self) -> str | None:
        found = _DECIMAL_COMMA.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return f"{found[1]}.{found[2]}"

    def _string(self) -> Any:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self._at = len(self._text)
            return _TORN
        self._at = found.end()
        try:
            return json.loads(found[0], strict=False)
        except ValueError:
            return found[1]

    def _word(self, signs: re.Pattern[str]) -> Any:
        found = signs.match(self._text, self._at)
        assert found
        self._at = found.end()
        if found.end() == len(self._text):
            return _TORN
        word = found[0].strip().strip("'")
        return _WORDS.get(word.lower(), word)
