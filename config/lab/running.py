"""Run experiments one after another: say what is under way, print reports, write charts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.status import Status

from config.lab import handshake, memory, race, reclaim, rowwidth, singlethread
from config.lab.reports import Report, show
from config.lab.workshop import CannotRun, Workshop
from config.launch.engines import EngineFailed

EXPERIMENTS: dict[str, Callable[[Workshop], Report]] = {
    "race": race.run,
    "memory": memory.run,
    "handshake": handshake.run,
    "rowwidth": rowwidth.run,
    "reclaim": reclaim.run,
    "singlethread": singlethread.run,
}
# Tables are kept as Markdown away from a terminal, and must not be folded.
PLAIN_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """Where charts go, how much of everything is done (0.01 to 1), which Redis is taken."""

    out: Path
    scale: float = 1
    is_embedded: bool = False


def run_all(names: list[str], choices: Choices, console: Console) -> list[str]:
    """Run experiments by name; returns what did not hold or could not run, in sentences."""
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    began_s, failed, held = time.monotonic(), [], 0
    for name in names:
        report, broken = _run(name, choices, console)
        failed += broken
        held += len(report.claims) - len(broken) if report else 0
    took_s = time.monotonic() - began_s
    console.print(
        f"\n{len(names)} experiments in {took_s:.0f} s: {held} assertions held, "
        f"{len(failed)} did not or could not be tried.",
        style="bold",
    )
    return failed


def _run(name: str, choices: Choices, console: Console) -> tuple[Report | None, list[str]]:
    with console.status(name) as status:
        try:
            with Workshop(_tell(name, console, status), choices.scale, choices.is_embedded) as shop:
                report = EXPERIMENTS[name](shop)
        except (CannotRun, EngineFailed) as absent:
            console.print(f"{name} CANNOT RUN: {absent}", style="bold red", markup=False)
            return None, [f"{name} could not run: {absent}"]
    show(report, console)
    choices.out.mkdir(parents=True, exist_ok=True)
    for file, chart in report.charts.items():
        (choices.out / file).write_text(chart)
        console.print(f"chart: {choices.out / file}", markup=False, soft_wrap=True)
    return report, report.broken


def _tell(name: str, console: Console, status: Status) -> Callable[[str], None]:
    def tell(sentence: str) -> None:
        if console.is_terminal:
            status.update(f"{name}: {sentence}")
        else:
            console.print(f"{name}: {sentence}", markup=False, soft_wrap=True)

    return tell
