"""Commands that run side by side, each with a log of its own, and how they ended.

Standard library only.
"""

import os
import secrets
import subprocess
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from launcher import processes
from launcher.venv import ROOT

POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command and the programs that it needs beyond Python, by their names in prerequisites."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a step ended: its exit code, how long it ran, all it wrote."""

    step: Step
    code: int
    seconds: float
    text: str


def able(steps: Collection[Step], missing: Collection[str]) -> tuple[list[Step], list[str]]:
    """Part steps into those that can run and the names of those that lack a program."""
    lacking = set(missing)
    runnable = [step for step in steps if not lacking & set(step.needs)]
    return runnable, [step.name for step in steps if lacking & set(step.needs)]


def run(steps: Collection[Step], scratch: Path) -> Iterator[Ended]:
    """Run steps side by side in the checkout; yields each when it ends.

    What they keep on the way, a database of the settings too, lies in the scratch folder.
    """
    began_s = time.monotonic()
    logs = {step.name: scratch / f"{step.name}.log" for step in steps}
    running = [(step, _begin(step, logs[step.name], scratch)) for step in steps]
    while running:
        for step, child in running.copy():
            if (code := child.poll()) is not None:
                running.remove((step, child))
                seconds = time.monotonic() - began_s
                text = logs[step.name].read_text(errors="replace").strip()
                yield Ended(step=step, code=code, seconds=seconds, text=text)
        time.sleep(POLL_S)


def _begin(step: Step, log: Path, scratch: Path) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        # For the tools that read the settings; the tests name their own engines.
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{scratch / 'tools.sqlite3'}",
        "DATA_DIR": str(scratch),
        # What one lane of tests has made the next need not make again.
        "RINGSIDE_SCRATCH": str(scratch),
        # Hundreds of processes start; each would compile Ringside where none may keep bytecode.
        "PYTHONDONTWRITEBYTECODE": "",
        **step.env,
    }
    return processes.start(list(step.command), log=log, env=env, cwd=ROOT)
