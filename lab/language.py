"""What the lab says, in the language of the terminal: English, or Korean.

Experiments write English. `korean.json` has what each sentence is in Korean; in its English `#`
stands for a figure and `@` for words, which are looked up in their turn. In its Korean `{0}` is the
first of them. What is not there is said in English.
"""

import json
import os
import re
from functools import cache
from pathlib import Path

_KOREAN = Path(__file__).with_name("korean.json")
_FIGURE = r"(-?\d[\d,]*(?:\.\d+)?)"


def is_korean() -> bool:
    """Whether the terminal is Korean, by the variables that programs there go by."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, settings), "").startswith("ko")


def said(text: str) -> str:
    """A sentence, a heading or a cell in the language of the terminal."""
    return _in_korean(text) if is_korean() else text


def _in_korean(text: str) -> str:
    exact, shapes = _sentences()
    if text in exact:
        return exact[text]
    for shape, korean in shapes:
        if found := shape.fullmatch(text):
            return korean.format(*map(_in_korean, found.groups()))
    return text


@cache
def _sentences() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Those without holes, and those with: the ones with fewer words left open first."""
    listed: dict[str, str] = json.loads(_KOREAN.read_text())
    exact = {english: korean for english, korean in listed.items() if "{0}" not in korean}
    shapes = sorted(listed.keys() - exact.keys(), key=lambda one: (one.count("@"), one))
    return exact, [(_shape(english), listed[english]) for english in shapes]


def _shape(english: str) -> re.Pattern[str]:
    written = re.escape(english).replace(r"\#", _FIGURE).replace("@", "(.+?)")
    return re.compile(written, re.DOTALL)
