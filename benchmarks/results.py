"""Results: kept as JSON with the commit, the day and the machine."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.rounds import Cell
from launcher.venv import ROOT

FOLDER = ROOT / "benchmarks" / "results"


def finish(cells: dict[str, list[Cell]], *, is_kept: bool, is_json: bool) -> None:
    """Print and keep what was measured."""
    text = json.dumps(_document(cells), indent=1)
    if is_json:
        print(text)
    if is_kept:
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{time.strftime('%Y-%m-%d-%H%M')}.json"
        path.write_text(text + "\n")
        print(f"\nkept in {path.relative_to(ROOT)}")


def _document(cells: dict[str, list[Cell]]) -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "machine": machine(),
        "benchmarks": {name: [cell.as_json() for cell in each] for name, each in cells.items()},
    }


def machine() -> dict[str, Any]:
    """Cores, memory, kernel, versions."""
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cores": os.cpu_count(), "memory GB": round(memory_kb / 2**20),
        "kernel": platform.release(), "Python": platform.python_version(),
        "Redis": _version("redis-server", "--version"),
        "MariaDB": _version("mariadbd", "--version"),
        "Node": _version("node", "--version"),
    }  # fmt: skip


def _version(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    return said.strip()[:60]


def _git(*command: str) -> str:
    return subprocess.run(
        ["git", *command], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
