"""The tables and charts of docs/performance.md, made from benchmarks/results alone."""

import json
import re
from collections.abc import Iterator
from typing import Any

from benchmarks.results import FOLDER
from lab import charts
from launcher.venv import ROOT

PAGE = ROOT / "docs" / "performance.md"
CHARTS = ROOT / "docs" / "performance"
OURS = "Ringside"
# The figure that is compared: the first of these that a cell has.
COMPARED = ("per s", "ticks per s", "kB a socket", "seconds")
LESS_IS_BETTER = ("kB a socket", "seconds")
LIMIT = "redis-benchmark"
AHEAD_FROM = 1.05
TITLES = {
    "bets": "Bets accepted and durable, a second",
    "fanout": "Lines delivered, a second",
    "connect": "People who come in, a second",
    "settle": "Until a market is paid and recorded, seconds",
    "record": "Entries of a backlog recorded, a second",
    "pages": "Pages and API, a second",
    "growth": "Bets with a hundred times as much behind, a second",
    "start": "Until a house answers, seconds",
    "returning": "Until a hall is back after a restart, seconds",
}
# No peer is measured in these.
ALONE = ("settle", "record", "pages", "growth", "start", "returning")
Cell = dict[str, Any]


def write() -> None:
    """Make the tables and charts anew from the newest results of each benchmark."""
    page = PAGE.read_text()
    CHARTS.mkdir(exist_ok=True)
    for name, kept in newest().items():
        cells = kept["benchmarks"][name]
        chart = f"![{TITLES[name]}]({CHARTS.name}/{name}.svg)"
        rows = _rows_alone(cells) if name in ALONE else _rows(cells)
        made = "\n".join((chart, "", *rows, "", _footnote(kept)))
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        page = block.sub(rf"\g<1>{made}\n\g<2>", page)
        (CHARTS / f"{name}.svg").write_text(_chart(name, cells))
    page = re.sub(
        r"(<!-- behind -->\n).*?(<!-- /behind -->)",
        lambda found: found[1] + "".join(f"- {line}\n" for line in _behind()) + found[2],
        page,
        flags=re.DOTALL,
    )
    PAGE.write_text(page)


def _behind() -> Iterator[str]:
    """Where a peer has the better figure; the limit is no peer."""
    beside_peers = {name: kept for name, kept in newest().items() if name not in ALONE}
    for name, kept in beside_peers.items():
        for cell in kept["benchmarks"][name]:
            what, figures = _main(cell), cell["medians"]
            for side in (each for each in figures if each not in (OURS, LIMIT)):
                better, worse = figures[side][what], figures[OURS][what]
                if what in LESS_IS_BETTER:
                    better, worse = worse, better
                if better >= AHEAD_FROM * worse:
                    yield f"{name}, {_label(cell)}: {side}, {better / (worse or 1):.1f} times"


def newest() -> dict[str, dict[str, Any]]:
    """The newest kept run that holds each benchmark."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        kept = json.loads(path.read_text())
        found |= dict.fromkeys(kept["benchmarks"].keys() & TITLES.keys(), kept)
    return found


def _footnote(kept: dict[str, Any]) -> str:
    machine = ", ".join(f"{what} {which}" for what, which in kept["machine"].items() if which)
    return f"Commit {kept['commit']}, {kept['at']} UTC; {machine}."


def _label(cell: Cell) -> str:
    return ", ".join(f"{value:,} {name}" if isinstance(value, int) else value
                     for name, value in cell["setting"].items())  # fmt: skip


def _main(cell: Cell) -> str:
    return next(name for name in COMPARED if name in cell["medians"][OURS])


def _rows(cells: list[Cell]) -> Iterator[str]:
    """One row a cell and side: the figure, ours against it, delays, processor time."""
    yield "| | load before | side | figure | Ringside against it | p50, p99 ms | CPU µs each |"
    yield "|---|---|---|---|---|---|---|"
    for cell in cells:
        name = _main(cell)
        ours = cell["medians"][OURS][name]
        head = f"{_label(cell)} | {cell['load']:.0f}"
        for side, figures in cell["medians"].items():
            is_compared = side != OURS and figures[name]
            ratio = f"{ours / figures[name]:.2f} ×" if is_compared else ""
            delays = [f"{figure:,.0f}" for what, figure in figures.items() if what.endswith(" ms")]
            spent = f"{figures['all us']:,.1f}" if "all us" in figures else ""
            told = f"{figures[name]:,.10g} {'kB' if name == 'kB a socket' else ''}".strip()
            yield f"| {head} | {side} | {told} | {ratio} | {', '.join(delays)} | {spent} |"
            head = " | "


def _rows_alone(cells: list[Cell]) -> Iterator[str]:
    """One row a cell and house, with all figures."""
    names = [*cells[0]["medians"][OURS]]
    yield f"| | load before | | {' | '.join(names)} |".replace(" us", " µs")
    yield "|---" * (len(names) + 3) + "|"
    for cell in cells:
        for side, figures in cell["medians"].items():
            told = " | ".join(f"{figures[name]:,.10g}" for name in names)
            yield f"| {_label(cell)} | {cell['load']:.0f} | {side} | {told} |"


def _chart(name: str, cells: list[Cell]) -> str:
    what = _main(cells[0])
    shown = [cell for cell in cells if what in cell["medians"][OURS]]
    bars = [
        charts.Bar(f"{_label(cell)}: {side}", (figures[what],))
        for cell in shown
        for side, figures in cell["medians"].items()
    ]
    better = "less" if what in LESS_IS_BETTER else "more"
    return charts.bars(TITLES[name], f"medians of rounds, {better} is better", bars)
