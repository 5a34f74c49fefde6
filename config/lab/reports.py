"""What an experiment hands back: tables, charts, a conclusion, and claims that hold or do not."""

from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table as RichTable

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
    """The outcome of one experiment. `charts` are SVG texts by file name."""

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
        return [f"{self.name}: {claim.sentence}" for claim in self.claims if not claim.holds]


def show(report: Report, console: Console) -> None:
    """Print a report; away from a terminal as Markdown, so that it can be kept as a page."""
    console.print(f"\n## {report.name}: {report.question}\n", style="bold", markup=False)
    console.print(f"On {report.engines}.\n", markup=False)
    for table in report.tables:
        console.print(f"{table.title}\n", markup=False)
        console.print(_laid_out(table, console.is_terminal))
        console.print()
    if console.is_terminal:
        console.print(Markdown(report.conclusion))
    else:
        console.print(report.conclusion, markup=False, soft_wrap=True)
    console.print()
    for claim in report.claims:
        sign, style = ("holds ", "green") if claim.holds else ("FAILED", "bold red")
        console.print(f"{sign} {claim.sentence}", style=style, markup=False, soft_wrap=True)


def _laid_out(table: Table, is_terminal: bool) -> RichTable:
    laid = RichTable(box=box.ROUNDED if is_terminal else box.MARKDOWN)
    for at, column in enumerate(table.columns):
        is_figure = all(isinstance(row[at], int) for row in table.rows)
        laid.add_column(column, justify="right" if is_figure else "left", no_wrap=not is_terminal)
    for row in table.rows:
        laid.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    return laid
