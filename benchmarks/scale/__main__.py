"""Scale: a capacity model beside what comes out at 1, 2, 4 web processes and 1, 2, 3 primaries.

    ./ringside bench scale [--seconds 4] [--web 1 2 4] [--primaries 1 2 3] [--keep] [--json]

First single operations are measured, each by itself, with one web process and as many primaries.
From their costs alone an evening is predicted, and only then it is replayed in each house. On a
busy machine read the model "as given": told for the part of the processor that the replay got, all
processes and the load together. MariaDB, a live Redis and the Cluster are started for the run.
"""

import argparse
import os
import resource
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)

import django

from benchmarks import packages

django.setup()
packages.install()
sys.path.append(str(packages.PYTHON_PACKAGES))

import uvloop

from benchmarks import results
from benchmarks.rounds import Cell, Figures, tell
from benchmarks.scale import report
from benchmarks.scale.calibration import calibrate, evening_of
from benchmarks.scale.capacity import KINDS, US, Costs, Mix, Prediction, Site, predict
from benchmarks.scale.evening import Window
from benchmarks.scale.house import CLUBS, ROOMS, WideHouse, wide_house

WEB, PRIMARIES = (1, 2, 4), (1, 2, 3)
EVENING = Mix(rooms=ROOMS, clubs=CLUBS, bettors=96, viewers=240, arrivals_per_s=5)
COMERS = 64
CORES = os.cpu_count() or 1


class Run:
    """A whole run: costs, what is predicted from them, and what came out."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.seconds: float = given.seconds
        self.web: list[int] = given.web
        self.cells: list[Cell] = []

    async def at(self, house: WideHouse) -> None:
        """Measure costs with one web process, and replay the evening at each number of them."""
        costs = await calibrate(house, self.seconds)
        self.cells.append(_cell_of(costs, len(house.nodes)))
        people = await house.make_people(EVENING.bettors + EVENING.viewers)
        comers = await house.make_people(COMERS)
        for web in self.web:
            site = Site(web=web, primaries=len(house.nodes), cores=CORES)
            cell = Cell("scale", {"web": web, "primaries": site.primaries})
            cell.rounds["model"] = [_told(predict(costs, site, EVENING))]
            house.start_web(web)
            window, bets = await evening_of(house, EVENING, people, self.seconds, comers)
            given = replace(costs, busy_share=window.busy_share)
            cell.rounds["model as given"] = [_told(predict(given, site, EVENING))]
            cell.rounds["measured"] = [_measured(window, bets)]
            tell(cell)
            self.cells.append(cell)


def _cell_of(costs: Costs, primaries: int) -> Cell:
    """The costs as a row of their own: what is repeated for every operation."""
    cell = Cell("costs", {"what": "single operations", "primaries": primaries})
    for name, spent in asdict(costs).items():
        if isinstance(spent, dict):
            cell.rounds[name] = [{f"{kind} us": round(us, 1) for kind, us in spent.items()}]
    cell.rounds["busy"] = [{"busy share": round(costs.busy_share, 3)}]
    tell(cell)
    return cell


def _told(told: Prediction) -> Figures:
    bets_per_s = max(told.bets_per_s, 1)
    each = {f"{kind} us": round(US * told.cores[kind] / bets_per_s, 1) for kind in KINDS}
    return {"per s": round(told.bets_per_s), **each}


def _measured(window: Window, bets: int) -> Figures:
    each = {f"{kind} us": round(US * window.spent_s[kind] / bets, 1) for kind in KINDS}
    return {
        "per s": round(bets / window.lasted_s), **each,
        "bets a call": round(bets / window.calls, 1), "busy": round(window.busy_share, 2),
    }  # fmt: skip


def main() -> None:
    """Measure, predict, replay; print it, and keep it where that is asked for."""
    given = _read()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # A private house takes its settings from us, and makes a key of its own.
    os.environ.pop("SECRET_KEY", None)
    run = Run(given)
    with tempfile.TemporaryDirectory(prefix="ringside-scale-") as folder:
        for primaries in given.primaries:
            with wide_house(Path(folder) / f"of-{primaries}", primaries) as house:
                uvloop.run(run.at(house))
    cells = {"scale": run.cells}
    print("\n".join(("", *report.rows([cell.as_json() for cell in run.cells]))))
    results.finish(cells, is_kept=given.keep, is_json=given.json)
    if given.keep:
        report.write()


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ringside bench scale", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--web", type=int, nargs="+", default=WEB, help="web processes, rising")
    parser.add_argument("--primaries", type=int, nargs="+", default=PRIMARIES, choices=PRIMARIES)
    parser.add_argument("--json", action="store_true", help="print the results as JSON, too")
    parser.add_argument("--keep", action="store_true", help="into benchmarks/results and docs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
