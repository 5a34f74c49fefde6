"""What an experiment hands back: tables, charts, a conclusion, and claims that hold or do not."""

from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from lab.language import said

Cell = str | int


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with a heading; whole numbers stand to the right and get thousands marks."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about bytes, counts or inodes, and whether this run bore it out."""

    sentence: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one experiment. `charts` are SVG texts by file name."""

    name: str
    question: str
    engines: str
    tables: list[Table]
    conclusion: str
    claims: list[Claim]
    charts: dict[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> list[str]:
        """The claims that did not hold, with the experiment's name in front."""
        return [f"{self.name}: {said(claim.sentence)}" for claim in self.claims if not claim.holds]


def show(report: Report, console: Console) -> None:
    """Print a report; away from a terminal as Markdown, so that it can be kept as a page."""
    console.print(f"\n## {report.name}: {said(report.question)}\n", style="bold", markup=False)
    console.print(said(f"On {report.engines}.") + "\n", markup=False)
    for table in report.tables:
        console.print(f"{said(table.title)}\n", markup=False, soft_wrap=True)
        if console.is_terminal:
            console.print(_laid_out(table))
        else:
            console.print(as_markdown(table), markup=False, soft_wrap=True)
        console.print()
    console.print(said(report.conclusion), markup=False, soft_wrap=not console.is_terminal)
    console.print()
    for claim in report.claims:
        sign, style = ("holds ", "green") if claim.holds else ("FAILED", "bold red")
        console.print(
            f"{said(sign)} {said(claim.sentence)}", style=style, markup=False, soft_wrap=True
        )


def as_markdown(table: Table) -> str:
    """The table as it stands in a page."""
    cells = [
        [said(column) for column in table.columns],
        *([_told(one) for one in row] for row in table.rows),
    ]
    widths = [max(len(row[at]) for row in cells) for at in range(len(table.columns))]
    marks = [_is_figure(table, at) for at in range(len(table.columns))]
    lines = [
        "| "
        + " | ".join(
            cell.rjust(width) if mark else cell.ljust(width)
            for cell, width, mark in zip(row, widths, marks, strict=True)
        )
        + " |"
        for row in cells
    ]
    rules = (
        "-" * (width + 1) + (":" if mark else "-")
        for width, mark in zip(widths, marks, strict=True)
    )
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])


def _laid_out(table: Table) -> RichTable:
    laid = RichTable(box=box.ROUNDED)
    for at, column in enumerate(table.columns):
        laid.add_column(said(column), justify="right" if _is_figure(table, at) else "left")
    for row in table.rows:
        laid.add_row(*map(_told, row))
    return laid


def _is_figure(table: Table, at: int) -> bool:
    return any(isinstance(row[at], int) for row in table.rows)


def _told(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else said(cell)
