"""Repeat six engineering stories on private engines, with figures."""

import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from config.lab import handshake, memory, race, reclaim, rowwidth, singlethread
from config.lab.reports import Report, show
from config.lab.workshop import CannotRun, Workshop

EXPERIMENTS: dict[str, Callable[[Workshop], Report]] = {
    "race": race.run,
    "memory": memory.run,
    "handshake": handshake.run,
    "rowwidth": rowwidth.run,
    "reclaim": reclaim.run,
    "singlethread": singlethread.run,
}


class Command(BaseCommand):
    """Needs no house and touches none; exit code 1 names what did not hold or could not run."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(EXPERIMENTS)
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"{names}; all without one")
        parser.add_argument(
            "--out", type=Path, metavar="DIR", default=settings.DATA_DIR / "lab",
            help="where the charts are written",
        )  # fmt: skip
        parser.add_argument(
            "--scale", type=float, default=1, help="from 0.01 to 1: how much of everything to do"
        )
        parser.add_argument(
            "--embedded", action="store_true", help="Valkey, also where redis-server is installed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if strange := set(options["names"]) - set(EXPERIMENTS):
            raise CommandError(
                f"There is no experiment {', '.join(sorted(strange))}; choose from "
                f"{', '.join(EXPERIMENTS)}."
            )
        if not 0.01 <= options["scale"] <= 1:
            raise CommandError("--scale takes a number from 0.01 to 1.")
        # Whoever stops us by SIGTERM gets the same tidying up as by Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        console = Console(width=None if Console().is_terminal else 160)
        failed: list[str] = []
        for name in options["names"] or EXPERIMENTS:
            failed += _run(name, console, options)
        if failed:
            raise CommandError("This did not hold:\n  " + "\n  ".join(failed))


def _run(name: str, console: Console, options: dict[str, Any]) -> list[str]:
    began_s = time.monotonic()
    try:
        with (
            console.status(name) as status,
            Workshop(
                lambda sentence: _tell(console, status, f"{name}: {sentence}"),
                options["scale"],
                options["embedded"],
            ) as shop,
        ):
            report = EXPERIMENTS[name](shop)
    except CannotRun as absent:
        console.print(f"{name} CANNOT RUN: {absent}", style="bold red", markup=False)
        return [f"{name} could not run: {absent}"]
    show(report, console)
    options["out"].mkdir(parents=True, exist_ok=True)
    for file, chart in report.charts.items():
        (options["out"] / file).write_text(chart)
        console.print(f"chart: {options['out'] / file}", markup=False, soft_wrap=True)
    console.print(f"{name} took {time.monotonic() - began_s:.0f} s", markup=False)
    return report.broken


def _tell(console: Console, status: Any, sentence: str) -> None:
    if console.is_terminal:
        status.update(sentence)
    else:
        console.print(sentence, markup=False, soft_wrap=True)
