"""The numbered invariants of docs/ledger.md: each a query whose rows are what breaks it.

Read from SQL alone, so they hold whatever the bank says; each query is one statement and sees one
moment of the ledger. The chain of hashes is walked by `reconcile --all`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

FILE = Path(__file__).with_name("invariants.sql")
ROWS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Invariant:
    """One of them: its number, what it says, and the query that finds what breaks it."""

    number: int
    sentence: str
    sql: str


def read_all() -> list[Invariant]:
    """The invariants in their order, as the file has them."""
    found = []
    for part in FILE.read_text().split("\n\n"):
        title, _, sql = part.strip().partition("\n")
        number, _, sentence = title.removeprefix("-- ").partition(". ")
        found.append(Invariant(int(number), sentence, sql))
    return found


def broken() -> Iterator[str]:
    """Sentences about what breaks an invariant: the first rows of each, with their figures."""
    for invariant in read_all():
        rows = _rows(invariant.sql)
        if rows:
            told = "; ".join(str(row) for row in rows[:ROWS_TOLD])
            yield f"Invariant {invariant.number}, {invariant.sentence} Not so for: {told}"


def _rows(sql: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
