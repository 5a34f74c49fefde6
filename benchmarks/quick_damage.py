"""Damage without servers: thousands of harms to a house in one process.

    ./ringside storm quick-damage [--harms 200] [--minutes 60] [--seed 7] [--embedded]

As `storm damage`, but bets, settlements and the clock's steps are called and not waited for.
"""

import argparse
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import django
from rich.console import Console

from launcher.private_house import HouseFailed, PrivateEngines

if TYPE_CHECKING:
    from simulation.storms.storm_course import Found

# Afterwards there is less to compare again.
HARMS_PER_LEDGER = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="ringside storm quick-damage", description=__doc__)
    parser.add_argument("--harms", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--embedded", action="store_true", help="SQLite and Valkey")
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="ringside-storm-"))
    console.print(f"quick damage, seed {given.seed}, in {folder}")
    engines = PrivateEngines(folder, is_embedded=given.embedded)
    os.environ.update(_environment(engines))
    try:
        engines.start_all()
        django.setup()
        return _storm(engines, given, console)
    finally:
        engines.stop_all()


def _environment(engines: PrivateEngines) -> dict[str, str]:
    (engines.folder / "data").mkdir()
    settings = {
        **engines.settings, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "bench" * 10,
        "DATA_DIR": str(engines.folder / "data"), "LIMITS_SCALE": "1000",
    }  # fmt: skip
    if engines.is_embedded:
        engines.files("sql").mkdir()
        settings["DATABASE_URL"] = f"sqlite:///{engines.files('sql')}/ringside.sqlite3"
    return settings


def _storm(engines: PrivateEngines, given: argparse.Namespace, console: Console) -> int:
    # Here, because they need settings that name the engines.
    from django.core.management import call_command

    from betting import bank
    from operations import gate_watch
    from operations.clock import schedule
    from simulation.storms import quick_verdicts
    from simulation.storms.harms import plan
    from simulation.storms.kinds import damages
    from simulation.storms.quick_house import QuickHouse, QuickSite
    from simulation.storms.storm_course import Found

    def look() -> list[str]:
        """As the clock does once a second, but for words that two copies of SQL exchange."""
        try:
            (primary,) = bank.primaries()
            return gate_watch.inspect_primary(primary, opens=True)
        except bank.BankAway as away:
            return [str(away)]

    logging.getLogger().handlers = [logging.FileHandler(engines.folder / "house.log")]
    call_command("migrate", verbosity=0, interactive=False)
    chance, site, found = random.Random(given.seed), QuickSite(engines), Found()
    steps = (
        schedule.record,
        schedule.lock_due,
        schedule.call_off_lopsided,
        schedule.pay,
        schedule.record,
    )
    counts: Counter[str] = Counter()
    began_s = time.monotonic()
    until_s = began_s + 60 * given.minutes
    house = QuickHouse(site, chance, steps)
    for number, harm in enumerate(plan(damages.all_draws(), chance, site)):
        if number == given.harms or found.problems or time.monotonic() > until_s:
            break
        if number % HARMS_PER_LEDGER == 0:
            counts += house.history.counts()
            house = QuickHouse(site, chance, steps)
            house.begin()
            house.ask_and_settle()
            house.bet(quick_verdicts.BETS_BEFORE)
            damages.keep_older(site)
            look()
        console.print(f"{number + 1:5d} {time.monotonic() - began_s:7.1f} s  {harm.sentence}")
        try:
            quick_verdicts.suffer(house, look, harm, found)
        except HouseFailed as failed:
            found.problems.append(f"After {harm.sentence}: {failed}")
    counts += house.history.counts()
    console.print(f"refusals: {dict(house.history.words)}")
    return _tell(found, counts, given, console, (time.monotonic() - began_s) / 60)


def _tell(
    found: "Found", counts: Counter[str], given: argparse.Namespace, console: Console,
    minutes: float,
) -> int:  # fmt: skip
    for kind, figures in sorted(found.back_s.items()):
        shut = found.shut.get(kind, 0)
        console.print(f"{kind}: {len(figures)}, shut {shut}, {sum(figures) / len(figures):.2f} s")
    for verdict, times in found.verdicts.items():
        console.print(f"{verdict}: {times}")
    for problem in found.problems:
        console.print(problem, style="red", markup=False)
    console.print(
        f"{'BROKEN' if found.problems else 'Kept'}: {found.harms} harms in {minutes:.1f} minutes"
        f" (seed {given.seed}); bets: {dict(counts)}."
    )
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
