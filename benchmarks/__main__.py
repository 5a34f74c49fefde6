"""`./ringside bench`: Ringside beside what one would use instead, on this machine, in turns.

Everything is started for the run: Ringside, the peers, an engine of its own for each.
"""

import argparse
import os
import resource
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)

import django

from benchmarks import packages

django.setup()
packages.install()
sys.path.append(str(packages.PYTHON_PACKAGES))

import uvloop

from benchmarks import bets, connect, fanout, report, results
from benchmarks.alone import growth, pages, record, returning, settle, start
from benchmarks.plan import FAST, WHOLE
from benchmarks.rounds import Cell
from benchmarks.sides.limit import redis_benchmark
from benchmarks.sides.peers import socket_io, stock_channels
from benchmarks.sides.ringside import ringside
from benchmarks.sides.sql_view import sql_view

BANK_MEMORY_MB = "1024"
BENCHMARKS = {"bets": bets, "fanout": fanout, "connect": connect}
# Of Ringside alone: each starts a house of its own.
ALONE = {
    "settle": settle, "record": record, "pages": pages, "growth": growth, "start": start,
    "returning": returning,
}  # fmt: skip
SIDES = {"ringside": ringside, "socket_io": socket_io, "stock_channels": stock_channels}


def main() -> None:
    """Measure what is named, print it, and keep it where that is asked for."""
    given = _read()
    plan = WHOLE if given.all else FAST
    plan = replace(plan, rounds=given.rounds or plan.rounds, seconds=given.seconds or plan.seconds)
    cells: dict[str, list[Cell]] = {}
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Nobody trims a peer's journal.
    os.environ["BANK_MEMORY_MB"] = BANK_MEMORY_MB
    # A private house takes its settings from us, and makes a key of its own.
    os.environ.pop("SECRET_KEY")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringside-bench-")))
        paired = [name for name in given.names if name in BENCHMARKS]
        for name in given.sides if paired else ():
            plan.sides.append(stack.enter_context(SIDES[name](folder / name)))
        if "bets" in given.names:
            plan.alone.append(stack.enter_context(sql_view(folder / "sql_view")))
            plan.alone.append(stack.enter_context(redis_benchmark(folder / "limit")))
        for name in paired:
            cells[name] = uvloop.run(BENCHMARKS[name].run(plan))
    for name in (name for name in given.names if name in ALONE):
        with tempfile.TemporaryDirectory(prefix="ringside-bench-") as home:
            cells[name] = uvloop.run(ALONE[name].run(plan, Path(home)))
    results.finish(cells, is_kept=given.keep, is_json=given.json)
    if given.keep:
        report.write()


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ringside bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=[*BENCHMARKS], metavar="NAME",
                        help=", ".join((*BENCHMARKS, *ALONE)))  # fmt: skip
    parser.add_argument("--all", action="store_true", help="every size; half an hour")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each turn")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, too")
    parser.add_argument("--keep", action="store_true", help="into benchmarks/results and docs")
    parser.add_argument("--sides", nargs="+", default=[*SIDES], choices=[*SIDES])
    given = parser.parse_args()
    if given.keep and "ringside" not in given.sides:
        parser.error("what is kept needs Ringside among the sides")
    if not packages.has_node() and "socket_io" in given.sides:
        print("Node is not installed, so socket.io is left out.")
        given.sides.remove("socket_io")
    return given


if __name__ == "__main__":
    main()
