"""Tables that operators read: one shape for the terminal, for a pipe and for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import OutputWrapper
from django.template.defaultfilters import filesizeformat
from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A title, the heads of the columns and rows of text; the columns of figures by number."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int] = frozenset()

    @property
    def cells(self) -> list[list[tuple[str, bool]]]:
        """The rows for a page: text, and whether it is a figure."""
        return [[(text, at in self.figures) for at, text in enumerate(row)] for row in self.rows]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """The heads for a page, in the same way."""
        return [(head, at in self.figures) for at, head in enumerate(self.heads)]


def size(count_bytes: float) -> str:
    """Bytes as people read them: 12.5 MB."""
    return filesizeformat(count_bytes).replace("\xa0", " ")


def write(out: OutputWrapper, table: Table) -> None:
    """A drawn table at a terminal; elsewhere one line a row, for grep."""
    if not table.rows:
        return
    if out.isatty():
        console: Any = Console()
        with console.capture() as captured:
            console.print(_drawn(table))
        out.write(captured.get(), ending="")
        return
    for row in table.rows:
        told = [
            f"{head}: {text}" if head else text for head, text in zip(table.heads, row, strict=True)
        ]
        out.write(f"{table.title}: " + "; ".join(told))


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(title=table.title, title_justify="left")
    for at, head in enumerate(table.heads):
        drawn.add_column(head, justify="right" if at in table.figures else "left")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn
