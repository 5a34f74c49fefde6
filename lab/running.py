"""Run experiments one after another: say what is under way, print reports, write charts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from lab.experiments import handshake, memory, race, reclaim, rowwidth, singlethread
from lab.language import said
from lab.report import Report, show
from lab.sql import SqlFailed
from lab.workshop import CannotRun, Workshop
from launcher.engines import EngineFailed

EXPERIMENTS: dict[str, Callable[[Workshop], Report]] = {
    "race": race.run,
    "memory": memory.run,
    "handshake": handshake.run,
    "rowwidth": rowwidth.run,
    "reclaim": reclaim.run,
    "singlethread": singlethread.run,
}
COLUMNS = (
    BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn(),
    TextColumn("{task.description}"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """The folder of the charts, which is there; how much is done (0.01 to 1); which Redis."""

    out: Path
    scale: float = 1
    is_embedded: bool = False


def run_all(names: list[str], choices: Choices, console: Console) -> list[str]:
    """Run experiments by name; returns what did not hold or could not run, in sentences."""
    began_s, failed, held = time.monotonic(), [], 0
    # It draws when it is told to: a thread that draws by itself makes starting children unsafe.
    progress = Progress(*COLUMNS, console=console, auto_refresh=False, transient=True,
                        disable=not console.is_terminal)  # fmt: skip
    with progress:
        bar = progress.add_task("", total=len(names))
        for name in names:
            report, broken = _run(name, choices, console, _tell(name, progress, bar))
            failed += broken
            held += len(report.claims) - len(broken) if report else 0
            progress.advance(bar)
    ended = (
        f"{len(names)} experiments in {time.monotonic() - began_s:.0f} s: {held} assertions "
        f"held, {len(failed)} did not or could not be tried."
    )
    console.print("\n" + said(ended), style="bold", soft_wrap=True)
    return failed


def _run(
    name: str, choices: Choices, console: Console, tell: Callable[[str], None]
) -> tuple[Report | None, list[str]]:
    try:
        with Workshop(tell, choices.scale, choices.is_embedded) as shop:
            report = EXPERIMENTS[name](shop)
    except (CannotRun, EngineFailed, SqlFailed, OSError) as absent:
        console.print(said(f"{name} CANNOT RUN: {absent}"), style="bold red", markup=False)
        return None, [said(f"{name} could not run: {absent}")]
    show(report, console)
    for file, chart in report.charts.items():
        (choices.out / file).write_text(chart)
        console.print(said(f"chart: {choices.out / file}"), markup=False, soft_wrap=True)
    return report, report.broken


def _tell(name: str, progress: Progress, bar: TaskID) -> Callable[[str], None]:
    def tell(sentence: str) -> None:
        if progress.disable:
            progress.console.print(f"{name}: {said(sentence)}", markup=False, soft_wrap=True)
        else:
            progress.update(bar, description=f"{name}: {said(sentence)}", refresh=True)

    return tell
