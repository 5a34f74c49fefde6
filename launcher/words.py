"""The launcher's sentences in the language of the terminal: that of LC_ALL, LC_MESSAGES or LANG.

Standard library only; the catalogue is the one of the pages.
"""

import gettext as catalogues
import sys
from io import TextIOWrapper
from pathlib import Path

_catalogue = catalogues.translation(
    "django", Path(__file__).resolve().parents[1] / "locale", fallback=True
)


def gettext(sentence: str) -> str:
    """The sentence in the terminal's language, or as it stands."""
    return _catalogue.gettext(sentence)


def gettext_noop(sentence: str) -> str:
    """The sentence as it stands, for the catalogue; it is put into a language where it is read."""
    return sentence


def language() -> str:
    """The code of the terminal's language, where there is a catalogue of it; else en."""
    return _catalogue.info().get("language", "en")


def forgive_terminal() -> None:
    """Have a terminal that lacks a letter show a question mark in its place, and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
