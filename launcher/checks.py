"""`./ringside test`: what testing needs, then every check in its lane, a table, and one sum.

Standard library only.
"""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from launcher import prerequisites, processes
from launcher.venv import HOUSE, PYTHON

BIN = PYTHON.parent
PYTEST = (str(PYTHON), "-m", "pytest", "-q", "--durations=5")
_COUNTED = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|errors?|warnings?)")
_CLOSING_LINE = re.compile(r"^=*\s*(\d+ \w+.* in \d[\d.]*s.*|no tests ran in .*?)\s*=*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a lane and what it needs beyond Python."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Steps that run side by side."""

    name: str
    steps: tuple[Step, ...]


@dataclass(slots=True, kw_only=True)
class Result:
    """How a lane went."""

    name: str
    seconds: float
    failed: list[str]
    skipped: list[str]
    counts: Counter[str]


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
    _print_table(results, missing)
    is_well = not any(result.failed for result in results)
    if missing and os.environ.get("CI") == "true":
        print("CI=true: what was skipped counts as failed.")
        is_well = False
    _print_closing_line(results, time.monotonic() - began_s)
    return 0 if is_well else 1


def lanes(*, is_long: bool) -> list[Lane]:
    """The lanes in their order."""
    long = ("--long",) if is_long else ()
    # Houses are shared by the tests of a file, so a file stays with one worker.
    by_file = (*PYTEST, *long, "-n", "2", "--dist", "loadfile")
    servers = (*by_file, "-m", "server and not browser and not storm")
    # Its tests wait for clocks more than they work, so there may be four processes on two cores.
    suite = (*by_file, "-m", "not server and not browser and not storm")
    return [
        Lane(name="lint", steps=_lint()),
        Lane(name="types", steps=_types()),
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
            steps=(Step(name="servers and kills", command=servers),),
        ),
        Lane(
            name="browser",
            steps=(
                Step(
                    name="browser",
                    command=(*by_file, "-m", "browser"),
                    needs=("chromium",),
                ),
            ),
        ),
        Lane(
            name="storm",
            steps=(Step(name="storm", command=(*PYTEST, *long, "-m", "storm")),),
        ),
    ]


def _lint() -> tuple[Step, ...]:
    ruff = str(BIN / "ruff")
    manage = (str(PYTHON), "manage.py")
    return (
        Step(name="format", command=(ruff, "format", "--check", "--quiet", ".")),
        Step(name="ruff", command=(ruff, "check", "--quiet", ".")),
        Step(name="migrations", command=(*manage, "makemigrations", "--check", "--dry-run")),
        Step(name="checks", command=(*manage, "check")),
    )


def _types() -> tuple[Step, ...]:
    return (
        Step(name="mypy", command=(str(BIN / "mypy"), ".")),
        Step(name="imports", command=(str(BIN / "lint-imports"),)),
    )


def _set_up(began_s: float) -> Result:
    seconds = time.monotonic() - began_s
    return Result(name="set-up", seconds=seconds, failed=[], skipped=[], counts=Counter())


def _run(lane: Lane, missing: Iterable[str], scratch: Path) -> Result:
    began_s = time.monotonic()
    lacking = set(missing)
    skipped = [step.name for step in lane.steps if lacking & set(step.needs)]
    steps = [step for step in lane.steps if step.name not in skipped]
    print(f"\n{lane.name}: {', '.join(step.name for step in steps)} …", flush=True)
    logs = {step.name: scratch / f"{lane.name} {step.name}.log" for step in steps}
    running = [(step, _begin(step, logs[step.name], scratch)) for step in steps]
    failed = []
    counts: Counter[str] = Counter()
    for step, child in running:
        code = child.wait()
        text = logs[step.name].read_text(errors="replace")
        # Code 5 of pytest: no test of this kind.
        if code and not (code == 5 and "pytest" in step.command):
            failed.append(step.name)
        print(f"{step.name}: {text.strip() or 'nothing to say'}", flush=True)
        counts += count(text)
    seconds = time.monotonic() - began_s
    return Result(name=lane.name, seconds=seconds, failed=failed, skipped=skipped, counts=counts)


def _begin(step: Step, log: Path, scratch: Path) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        # For the tools that read the settings; the tests name their own engines.
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{scratch / 'tools.sqlite3'}",
        "DATA_DIR": str(scratch),
        **step.env,
    }
    return processes.start(list(step.command), log=log, env=env, cwd=HOUSE)


def count(text: str) -> Counter[str]:
    """What pytest's closing line in an output says: outcome → tests."""
    for line in reversed(text.splitlines()):
        if _CLOSING_LINE.match(line.strip()):
            return Counter(
                {kind.rstrip("s") if kind.startswith("error") else kind: int(number)
                 for number, kind in _COUNTED.findall(line)}
            )  # fmt: skip
    return Counter()


def _print_table(results: list[Result], missing: dict[str, str]) -> None:
    print(f"\n{'lane':<10}{'seconds':>8}{'passed':>8}  result")
    for result in results:
        word = "failed: " + ", ".join(result.failed) if result.failed else "well"
        if result.skipped:
            word += "; SKIPPED: " + ", ".join(result.skipped)
        print(f"{result.name:<10}{result.seconds:>8.1f}{result.counts['passed'] or '':>8}  {word}")
    for what, how in missing.items():
        print(f"MISSING {what}: {how}")


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
