"""Results: kept as JSON with the commit, the day and the machine."""

import json
import os
import platform
import re
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
    """Cores, memory, versions."""
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cores": os.cpu_count(),
        "memory in GB": round(memory_kb / 2**20),
        "Python": platform.python_version(),
        "Redis": _version("redis-server"),
        "MariaDB": _version("mariadbd"),
        "Node": _version("node"),
    }


def _version(program: str) -> str:
    """What a program says of itself; nothing where it is missing."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    found = re.search(r"\d+\.\d+\.\d+", said.stdout)
    return found[0] if found else ""


def _git(*command: str) -> str:
    return subprocess.run(
        ["git", *command], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
