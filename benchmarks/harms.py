"""The storms that harm: a private house is held to its word while people bet.

    ./ringside storm faults|damage|power [--minutes 5] [--harms 100] [--seed 7] [--people 50]

docs/reliability.md says what each does, and what must hold.
"""

import argparse
import math
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import django
from rich.console import Console
from rich.table import Table

from launcher.engines import EngineFailed
from launcher.private_house import HouseFailed, PrivateEngines

# People know the server's own messages, which need its settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)
django.setup()

from simulation.storms import damage_verdicts, storm_course
from simulation.storms.harms import Draw, Harm, plan
from simulation.storms.kinds import damages, faults, power, stepping
from simulation.storms.kinds.undoing import NoCompiler
from simulation.storms.site import Site, open_site
from simulation.storms.storm_course import Found, Suffer
from simulation.storms.storm_evening import Evening


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the storms: its harms, and what is done before the first."""

    draws: Callable[[Site], Sequence[Draw]]
    prepare: Callable[[Site], object] = lambda _site: None
    # None has bets go on within the time asked for.
    suffer: Suffer | None = None
    # Whether what a new epoch says may be gone, is.
    forgives_epochs: bool = False
    # Whether all is compared after each harm: people bet in haste, and a house that has suffered
    # so many gives way to a new one, so that there is less to compare.
    is_compared_always: bool = False


KINDS = {
    "faults": Kind(draws=faults.draws),
    "damage": Kind(
        draws=damages.draws,
        prepare=damages.keep_older,
        suffer=damage_verdicts.suffer,
        forgives_epochs=True,
        is_compared_always=True,
    ),
    "power": Kind(draws=power.draws),
}


HARMS_PER_HOUSE = 150


class Broken(Exception):
    """A promise was not kept, or this storm cannot be had; says which."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="ringside storm", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--harms", type=int, help="end after so many, if the minutes suffice")
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
    found, counts, words = Found(), Counter[str](), Counter[str]()
    plan = Plan(given, console)
    while plan.goes_on() and not found.problems:
        house = folder / f"house-{plan.houses}"
        house.mkdir()
        with open_site(engines_for(given, house, console)) as site:
            evening = Evening(
                site.url, people=given.people, seed=given.seed + plan.houses,
                is_hasty=KINDS[given.kind].is_compared_always,
            )  # fmt: skip
            storm(site, evening, plan, found)
        counts += evening.history.counts()
        words += evening.history.words
    show(found, console)
    console.print(f"refusals: {dict(words)}")
    minutes = (time.monotonic() - began_s) / 60
    sentence = (
        f"{found.harms} harms in {minutes:.1f} minutes (seed {given.seed}); bets: {counts['ok']}"
        f" accepted, {counts['refused']} refused, {counts['unknown']} unknown;"
        f" {found.checks} checks of everything."
    )
    if found.problems:
        raise Broken(sentence)
    return sentence


class Plan:
    """The harms of a storm as they are drawn, for one house after the other."""

    def __init__(self, given: argparse.Namespace, console: Console) -> None:
        self.kind, self.within_s = KINDS[given.kind], given.within
        self.houses = 0
        self._given, self._console = given, console
        self._chance = random.Random(given.seed)
        self._began_s = math.inf
        self._told = 0

    def goes_on(self) -> bool:
        """Whether neither the minutes nor the harms that were asked for are over."""
        is_long_enough = time.monotonic() > self._began_s + self._given.minutes * 60
        return not is_long_enough and self._told != self._given.harms

    def harms(self, site: Site) -> Iterator[Harm]:
        """Those that this house suffers, told as they come."""
        self.houses += 1
        self._began_s = min(self._began_s, time.monotonic())
        drawn = plan(self.kind.draws(site), self._chance, site)
        for number, harm in enumerate(drawn):
            is_worn = self.kind.is_compared_always and number == HARMS_PER_HOUSE
            if is_worn or not self.goes_on():
                return
            self._told += 1
            passed_s = time.monotonic() - self._began_s
            self._console.print(f"{self._told:5d} {passed_s:7.1f} s  {harm.sentence}")
            yield harm


def engines_for(given: argparse.Namespace, folder: Path, console: Console) -> PrivateEngines:
    """The engines to be harmed. Raises Broken where cuts do not take what weak settings risk."""
    if given.kind != "power":
        engines = PrivateEngines(folder, is_embedded=given.embedded)
        if given.kind == "faults":
            engines.environment = stepping.build(folder)
        return engines
    for is_weak, word in ((True, "weak"), (False, "strong")):
        lost = power.lost_by(folder / word, is_weak=is_weak, is_embedded=given.embedded)
        console.print(f"of {power.WRITES} writes with {word} settings a cut takes {lost}")
        if any((count > 0) is not is_weak for count in lost.values()):
            raise Broken(f"Of {power.WRITES} writes with {word} settings a cut took {lost}.")
    return power.engines_without_power(folder, is_embedded=given.embedded)


def storm(site: Site, evening: Evening, plan: Plan, found: Found) -> None:
    """Harm after harm on one house, and the last check."""
    kind = plan.kind
    with evening:
        kind.prepare(site)
        storm_course.storm(
            site, evening, plan.harms(site),
            suffer=kind.suffer or partial(storm_course.suffer, within_s=plan.within_s),
            forgives_epochs=kind.forgives_epochs, found=found,
        )  # fmt: skip
    if evening.trouble:
        found.problems.append(f"The evening broke: {evening.trouble!r}")
    found.add_check(
        storm_course.check(site, evening, has_ended=True, forgives_epochs=kind.forgives_epochs)
    )


def show(found: Found, console: Console) -> None:
    """Print what was found."""
    table = Table("harm", "times", "gate said why", "bets again, median", "longest")
    for kind, figures in sorted(found.back_s.items()):
        if figures:
            middle = sorted(figures)[len(figures) // 2]
            times, shut = str(len(figures)), str(found.shut.get(kind, 0))
            table.add_row(kind, times, shut, f"{middle:.1f} s", f"{max(figures):.1f} s")
    console.print(table)
    for verdict, count in found.verdicts.items():
        console.print(f"{verdict}: {count}")
    for problem in found.problems:
        console.print(problem, style="red", markup=False)


if __name__ == "__main__":
    sys.exit(main())
