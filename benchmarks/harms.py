"""The storms that harm: a private house is held to its word while people bet.

    ./ringside storm faults|damage|power [--minutes 5] [--seed 7] [--people 50] [--within 5]

docs/reliability.md says what each does, and what must hold.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import django
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from launcher.engines import EngineFailed
from launcher.private_house import HouseFailed, PrivateEngines

# People know the server's own messages, which need its settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)
django.setup()

from simulation.storms import damage_verdicts, damages, faults, power, storm_course
from simulation.storms.harms import Draw, Harm, plan
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


class Broken(Exception):
    """A promise was not kept, or this storm cannot be had; says which."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="ringside storm", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--within", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--embedded", action="store_true", help="SQLite and Valkey")
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="ringside-storm-"))
    console.print(f"{given.kind}, seed {given.seed}, in {folder}")
    try:
        console.print(f"Kept: {hold(given, folder, console)} Every receipt is in the ledger.")
    except (Broken, NoCompiler, HouseFailed, EngineFailed) as problem:
        console.print(f"BROKEN: {problem} The files are in {folder}.", markup=False)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def hold(given: argparse.Namespace, folder: Path, console: Console) -> str:
    """Play a whole storm; a sentence of what happened. Raises Broken with the same."""
    began_s = time.monotonic()
    with open_site(engines_for(given, folder, console)) as site:
        evening = Evening(site.url, people=given.people, seed=given.seed)
        found = storm(site, evening, given, console)
    show(found, console)
    console.print(f"refusals: {dict(evening.history.words)}")
    minutes = (time.monotonic() - began_s) / 60
    counts = evening.history.counts()
    sentence = (
        f"{found.harms} harms in {minutes:.1f} minutes (seed {given.seed}); bets: {counts['ok']}"
        f" accepted, {counts['refused']} refused, {counts['unknown']} unknown;"
        f" {found.checks} checks of everything."
    )
    if found.problems:
        raise Broken(sentence)
    return sentence


def engines_for(given: argparse.Namespace, folder: Path, console: Console) -> PrivateEngines:
    """The engines to be harmed. Raises Broken where cuts do not take what weak settings risk."""
    if given.kind != "power":
        return PrivateEngines(folder, is_embedded=given.embedded)
    if given.embedded:
        raise Broken("The power storm cuts MariaDB and Redis only.")
    for is_weak, word in ((True, "weak"), (False, "strong")):
        lost = power.lost_by(folder / word, is_weak=is_weak)
        console.print(f"of {power.WRITES} writes with {word} settings a cut takes {lost}")
        if any((count > 0) is not is_weak for count in lost.values()):
            raise Broken(f"Of {power.WRITES} writes with {word} settings a cut took {lost}.")
    return power.engines_without_power(folder)


def storm(site: Site, evening: Evening, given: argparse.Namespace, console: Console) -> Found:
    """Harm after harm for the minutes asked for, and the last check."""
    kind = KINDS[given.kind]
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("people come", total=given.minutes * 60)

        def told() -> Iterator[Harm]:
            for harm in plan(kind.draws(site), given.seed, site):
                passed_s = time.monotonic() - began_s
                progress.update(bar, description=harm.sentence[:60], completed=passed_s)
                console.print(f"{passed_s:6.1f} s  {harm.sentence}")
                yield harm

        with evening:
            kind.prepare(site)
            began_s = time.monotonic()
            found = storm_course.storm(
                site, evening, told(),
                suffer=kind.suffer or partial(storm_course.suffer, within_s=given.within),
                forgives_epochs=kind.forgives_epochs, seconds=given.minutes * 60,
            )  # fmt: skip
        progress.update(bar, description="checking")
        if evening.trouble:
            found.problems.append(f"The evening broke: {evening.trouble!r}")
        found.add_check(
            storm_course.check(site, evening, has_ended=True, forgives_epochs=kind.forgives_epochs)
        )
    return found


def show(found: Found, console: Console) -> None:
    """Print what was found."""
    table = Table("harm", "times", "gate said why", "bets again, median", "longest")
    for kind, figures in sorted(found.back_s.items()):
        if figures:
            middle = sorted(figures)[len(figures) // 2]
            times, shut = str(len(figures)), str(found.shut.get(kind, 0))
            table.add_row(kind, times, shut, f"{middle:.1f} s", f"{max(figures):.1f} s")
    console.print(table)
    for verdict, times in found.verdicts.items():
        console.print(f"{verdict}: {times}")
    for problem in found.problems:
        console.print(problem, style="red", markup=False)


if __name__ == "__main__":
    sys.exit(main())
