"""Questions as CSV: one line each, to be written in a spreadsheet and used on another evening."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import UNSET

from betting.wire.requests import NewMarket
from web import limits
from web.negotiation import from_spreadsheet, to_spreadsheet

ANSWERS = [f"answer_{number}" for number in range(1, limits.OUTCOMES_MAX + 1)]
NUMBERS = ["closes_in_s", "min_stake", "max_stake", "min_bettors", "takeout_bp"]
NUMBERS += ["unresolved_after_s"]
CHOICES = ["hedging", "blind"]
COLUMNS = ["question", *ANSWERS, *NUMBERS, *CHOICES]
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})


class LineError(Exception):
    """A line that cannot be read; `field` is its column."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field, self.why = field, why


def write(questions: Iterable[NewMarket]) -> str:
    """Questions as a file with a line of column names; spreadsheets read its Korean, too."""
    out = io.StringIO()
    out.write("\ufeff")
    lines = csv.DictWriter(out, COLUMNS)
    lines.writeheader()
    for question in questions:
        lines.writerow(_row(question))
    return out.getvalue()


def _row(question: NewMarket) -> dict[str, Any]:
    row: dict[str, Any] = {"question": to_spreadsheet(question.question)}
    row |= dict(zip(ANSWERS, map(to_spreadsheet, question.outcomes), strict=False))
    for name in NUMBERS:
        value = getattr(question, name)
        row[name] = "" if value in (None, UNSET) else value
    for name in CHOICES:
        row[name] = "yes" if getattr(question, name) else "no"
    return row


def rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """The lines of a file that say anything, each with its number; commas or semicolons between.

    Raises LineError where the column names are not those of `COLUMNS`.
    """
    body = text.removeprefix("\ufeff")
    head = body.partition("\n")[0]
    mark = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(body), delimiter=mark)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_names(names)
        found = [(reader.line_num, dict(zip(names, cells, strict=False))) for cells in reader]
    except csv.Error as error:
        raise LineError("", str(error)) from error
    return [(number, row) for number, row in found if any(cell.strip() for cell in row.values())]


def _check_names(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        why = _("There is no column “%(name)s”. The columns are: %(names)s.")
        raise LineError(
            unknown[0][:60], why % {"name": unknown[0][:60], "names": ", ".join(COLUMNS)}
        )
    if len(set(names)) != len(names):
        raise LineError("", _("A column stands there twice."))
    for name in ("question", "answer_1", "answer_2"):
        if name not in names:
            raise LineError(name, _("The column “%(name)s” is missing.") % {"name": name})


def read(row: dict[str, str]) -> NewMarket:
    """A line as a question to prepare. Raises LineError."""
    fields: dict[str, Any] = {"question": _text(row["question"]), "open": False}
    fields["outcomes"] = [label for name in ANSWERS if (label := _text(row.get(name, "")))]
    if len(fields["outcomes"]) < limits.OUTCOMES_MIN:
        raise LineError("answer_2", _("Write at least two answers."))
    for name in NUMBERS:
        if cell := row.get(name, "").strip():
            fields[name] = _number(name, cell)
    for name in CHOICES:
        if cell := row.get(name, "").strip().lower():
            fields[name] = _choice(name, cell)
    return _checked(fields)


def _checked(fields: dict[str, Any]) -> NewMarket:
    for name in NUMBERS:
        if name in fields:
            one = {"question": "?", "outcomes": ["a", "b"], name: fields[name]}
            try:
                msgspec.convert(one, NewMarket)
            except msgspec.ValidationError:
                raise LineError(name, _("This number is too small or too large.")) from None
    return msgspec.convert(fields, NewMarket)


def _text(cell: str) -> str:
    return from_spreadsheet(cell.strip())


def _number(name: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) <= 15):
        raise LineError(name, _("Write a whole number."))
    return int(cell)


def _choice(name: str, cell: str) -> bool:
    if cell not in _YES | _NO:
        raise LineError(name, _("Write yes or no."))
    return cell in _YES
