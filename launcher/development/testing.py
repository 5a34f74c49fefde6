"""`./ringside test`: what testing needs, then every lane, a table, and one sum; or one app alone.

Standard library only.
"""

import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from launcher import prerequisites
from launcher.development import checks, steps
from launcher.development.steps import Step
from launcher.venv import PYTHON, ROOT

PYTEST = (str(PYTHON), "-m", "pytest", "-q", "--durations=5")
QUICK = "not server and not browser and not storm"
# A running Ringside is shared by the tests of a file, so a file stays with one worker.
SHARED = ("-n", "2", "--dist", "loadfile")
ON_BOTH = ("tests/building_on/test_programs.py", "tests/promises/test_older_data.py")
_COUNTED = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|errors?|warnings?)")
_CLOSING_LINE = re.compile(r"^=*\s*(\d+ \w+.* in \d[\d.]*s.*|no tests ran in .*?)\s*=*$")
_NO_TESTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Steps that run side by side."""

    name: str
    steps: tuple[Step, ...]


# The same evening as in the browser lane, on the engines of a large house.
EVENING_ON_SERVERS = Lane(
    name="evening",
    steps=(
        Step(
            name="a whole evening on MariaDB + Redis",
            command=(*PYTEST, "tests/browser/evening/test_whole_evening.py"),
            env={"RINGSIDE_ENGINES": "real"},
            needs=("chromium", "mariadb", "redis", "mysqlclient"),
        ),
    ),
)


@dataclass(slots=True, kw_only=True)
class Result:
    """How a lane went."""

    name: str
    seconds: float
    failed: list[str]
    skipped: list[str]
    counts: Counter[str]


def run_some(words: list[str]) -> int:
    """Run the tests of apps, files or single tests on the embedded engines; returns pytest's code.

    Options of pytest may follow the names.
    """
    env = {**os.environ, "RINGSIDE_ENGINES": "embedded"}
    command = [str(PYTHON), "-m", "pytest", "-q", *options_for(words), *words]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def options_for(words: list[str]) -> list[str]:
    """Options for apps: two processes, and nothing that starts a server; none for a file."""
    names = itertools.takewhile(lambda word: not word.startswith("-"), words)
    is_quick = all((ROOT / name).is_dir() for name in names)
    return ["-m", QUICK, *SHARED] if is_quick else []


def run_lanes(*, is_long: bool) -> int:
    """Run every lane, also after a failure; returns 0 only when all of them are well.

    With CI=true something skipped for want of a program is a failure.
    """
    began_s = time.monotonic()
    missing = prerequisites.provide()
    results = [_set_up(began_s)]
    with tempfile.TemporaryDirectory(prefix="ringside-lanes-") as scratch:
        for lane in lanes(is_long=is_long):
            results.append(_run(lane, missing, Path(scratch)))
    _print_table(results)
    prerequisites.tell(missing)
    is_refused = prerequisites.is_refused(missing)
    _print_closing_line(results, time.monotonic() - began_s)
    return int(is_refused or any(result.failed for result in results))


def lanes(*, is_long: bool) -> list[Lane]:
    """The lanes in their order."""
    long = ("--long",) if is_long else ()
    by_file = (*PYTEST, *long, *SHARED)
    # In the order of their names the long walks, each a file of one test, do not come last.
    in_order = (*by_file, "--no-loadscope-reorder")
    # Three: each waits now and then for what it killed, or for a clock.
    of_servers = ("-n", "3", "-m", "server and not browser and not storm")
    servers = (*in_order, *of_servers, *files_of("server"))
    storm = (*PYTEST, *long, "-m", "storm", *files_of("storm"))
    # Its tests wait for clocks more than they work, so there may be four processes on two cores.
    suite = (*by_file, "-m", QUICK)
    return [
        Lane(name="check", steps=checks.CHECKS),
        Lane(
            name="engines",
            steps=(
                Step(name="SQLite + Valkey", command=suite),
                Step(
                    name="MariaDB + Redis",
                    command=suite,
                    env={"RINGSIDE_ENGINES": "real"},
                    needs=("mariadb", "redis", "mysqlclient"),
                ),
            ),
        ),
        Lane(
            name="servers",
            steps=(
                Step(name="servers and kills", command=servers),
                # What others write, and what an older house left, must meet these engines, too.
                Step(
                    name="programs and older data on MariaDB + Redis",
                    command=(*PYTEST, *long, "-m", "server", *ON_BOTH),
                    env={"RINGSIDE_ENGINES": "real"},
                    needs=("chromium", "mariadb", "redis", "mysqlclient"),
                ),
            ),
        ),
        Lane(
            name="browser",
            steps=(
                Step(
                    name="browser",
                    command=(*in_order, "-m", "browser", *files_of("browser")),
                    needs=("chromium",),
                ),
            ),
        ),
        Lane(
            name="storm",
            steps=(Step(name="storm", command=storm),),
        ),
        *([EVENING_ON_SERVERS] if is_long else []),
    ]


def files_of(mark: str) -> list[str]:
    """The test files that name a mark, in pytest's order.

    pytest would load all others, too, in each of its processes: four seconds of a processor.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = settings["tool"]["pytest"]["ini_options"]["testpaths"]
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("test_*.py")))
    return [str(path.relative_to(ROOT)) for path in files if f"mark.{mark}" in path.read_text()]


def _set_up(began_s: float) -> Result:
    seconds = time.monotonic() - began_s
    return Result(name="set-up", seconds=seconds, failed=[], skipped=[], counts=Counter())


def _run(lane: Lane, missing: Collection[str], scratch: Path) -> Result:
    began_s = time.monotonic()
    runnable, skipped = steps.able(lane.steps, missing)
    print(f"\n{lane.name}: {', '.join(step.name for step in runnable)} …", flush=True)
    failed = []
    counts: Counter[str] = Counter()
    for one in steps.run(runnable, scratch):
        if one.code and not (one.code == _NO_TESTS and "pytest" in one.step.command):
            failed.append(one.step.name)
        print(f"{one.step.name}: {one.text or 'nothing to say'}", flush=True)
        counts += count(one.text)
    seconds = time.monotonic() - began_s
    return Result(name=lane.name, seconds=seconds, failed=failed, skipped=skipped, counts=counts)


def count(text: str) -> Counter[str]:
    """What pytest's closing line in an output says: outcome → tests."""
    for line in reversed(text.splitlines()):
        if _CLOSING_LINE.match(line.strip()):
            return Counter(
                {kind.rstrip("s") if kind.startswith("error") else kind: int(number)
                 for number, kind in _COUNTED.findall(line)}
            )  # fmt: skip
    return Counter()


def _print_table(results: list[Result]) -> None:
    print(f"\n{'lane':<10}{'seconds':>8}{'passed':>8}  result")
    for result in results:
        word = "failed: " + ", ".join(result.failed) if result.failed else "well"
        if result.skipped:
            word += "; SKIPPED: " + ", ".join(result.skipped)
        print(f"{result.name:<10}{result.seconds:>8.1f}{result.counts['passed'] or '':>8}  {word}")


def _print_closing_line(results: list[Result], seconds: float) -> None:
    total: Counter[str] = Counter()
    for result in results:
        total += result.counts
        # A tool that is not pytest counts as one failure.
        if result.failed and not result.counts["failed"] and not result.counts["error"]:
            total["failed"] += len(result.failed)
    kinds = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "error")
    words = [f"{total[kind]} {kind}" for kind in kinds if total[kind] and kind != "deselected"]
    clock = f" ({int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02})"
    sys.stdout.flush()
    print(f"==== {', '.join(words) or 'no tests ran'} in {seconds:.2f}s{clock} ====", flush=True)
