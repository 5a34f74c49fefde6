"""`./ringside storm KIND`: harm a house while people bet, and hold it to its word."""

import random
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from launcher.private_house import PrivateEngines
from simulation.storms import damage_verdicts, damages, faults, power, storm_course
from simulation.storms.harms import Draw, plan
from simulation.storms.site import Site, open_site
from simulation.storms.storm_course import Found, Suffer
from simulation.storms.storm_evening import Evening
from simulation.storms.undoing import NoCompiler


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the storms: its harms, and what is done before the first."""

    draws: Callable[[Site], Sequence[Draw]]
    prepare: Callable[[Site], object] = lambda _site: None
    # None has bets go on within the time asked for.
    suffer: Suffer | None = None
    # Whether what a new epoch says may be gone, is.
    forgives_epochs: bool = False


KINDS = {
    "faults": Kind(draws=faults.draws),
    "damage": Kind(
        draws=damages.draws,
        prepare=damages.keep_older,
        suffer=damage_verdicts.suffer,
        forgives_epochs=True,
    ),
    "power": Kind(draws=power.draws),
}


class Command(BaseCommand):
    help = "Harm a private house while people bet, and see whether every receipt still stands."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("--minutes", type=float, default=5.0)
        parser.add_argument("--seed", type=int, help="the same seed draws the same harms")
        parser.add_argument("--people", type=int, default=50)
        parser.add_argument(
            "--within", type=float, default=5.0, metavar="SECONDS",
            help="after healing bets are accepted, or /readyz/ says why not",
        )  # fmt: skip
        parser.add_argument(
            "--embedded", action="store_true", help="SQLite and Valkey, not MariaDB and Redis"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
        given = options["seed"]
        seed = random.randrange(10**6) if given is None else given
        folder = Path(tempfile.mkdtemp(prefix="ringside-storm-"))
        self.console.print(f"{options['kind']}, seed {seed}, in {folder}")
        began_s = time.monotonic()
        try:
            engines = self._engines(folder, options)
        except NoCompiler as problem:
            raise CommandError(str(problem)) from problem
        with open_site(engines) as site:
            evening = Evening(site.url, people=options["people"], seed=seed)
            found = self._storm(site, evening, seed, options)
        self._show(found)
        minutes = (time.monotonic() - began_s) / 60
        counts = evening.history.counts()
        sentence = (
            f"{found.harms} harms in {minutes:.1f} minutes (seed {seed}); bets: {counts['ok']}"
            f" accepted, {counts['refused']} refused, {counts['unknown']} unknown;"
            f" {found.checks} checks of everything"
        )
        if found.problems:
            raise CommandError(f"BROKEN: {sentence}. The files are in {folder}.", returncode=1)
        shutil.rmtree(folder, ignore_errors=True)
        self.console.print(f"Kept: {sentence}. Every receipt is in the ledger.")

    def _engines(self, folder: Path, options: dict[str, Any]) -> PrivateEngines:
        if options["kind"] != "power":
            return PrivateEngines(folder, is_embedded=options["embedded"])
        if options["embedded"]:
            raise CommandError("The power storm cuts MariaDB and Redis only.")
        for is_weak, word in ((True, "weak"), (False, "strong")):
            lost = power.lost_by(folder / word, is_weak=is_weak)
            self.console.print(f"of {power.WRITES} writes with {word} settings a cut takes {lost}")
            if any((count > 0) is not is_weak for count in lost.values()):
                raise CommandError(f"Cuts do not take what {word} settings risk.", returncode=1)
        return power.engines_without_power(folder)

    def _storm(self, site: Site, evening: Evening, seed: int, options: dict[str, Any]) -> Found:
        kind = KINDS[options["kind"]]
        suffer = kind.suffer or partial(storm_course.suffer, within_s=options["within"])
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as bar:
            task = bar.add_task("people come", total=options["minutes"] * 60)

            def tell(sentence: str) -> None:
                passed_s = time.monotonic() - began_s
                bar.update(task, description=sentence[:60], completed=passed_s)
                self.console.print(f"{passed_s:6.1f} s  {sentence}")

            with evening:
                kind.prepare(site)
                began_s = time.monotonic()
                found = storm_course.storm(
                    site, evening, plan(kind.draws(site), seed, site),
                    suffer=suffer, seconds=options["minutes"] * 60, tell=tell,
                )  # fmt: skip
            bar.update(task, description="checking")
            if evening.trouble:
                found.problems.append(f"The evening broke: {evening.trouble!r}")
            found.problems += storm_course.check(
                site, evening, has_ended=True, forgives_epochs=kind.forgives_epochs
            )
            found.checks += 1
        self.console.print(f"refusals: {dict(evening.history.words)}")
        return found

    def _show(self, found: Found) -> None:
        table = Table("harm", "times", "gate said why", "bets again, median", "longest")
        for kind, figures in sorted(found.back_s.items()):
            if figures:
                middle = sorted(figures)[len(figures) // 2]
                table.add_row(
                    kind, str(len(figures)), str(found.shut.get(kind, 0)),
                    f"{middle:.1f} s", f"{max(figures):.1f} s",
                )  # fmt: skip
        self.console.print(table)
        for verdict, times in found.verdicts.items():
            self.console.print(f"{verdict}: {times}")
        for problem in found.problems:
            self.console.print(problem, style="red", markup=False)
