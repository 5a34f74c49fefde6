"""`./ringside bench` and `./ringside storm`: the measurements in benchmarks/, and how they went.

Standard library only.
"""

import itertools
import os
import subprocess
import sys
import time

from launcher import prerequisites
from launcher.venv import PYTHON, ROOT

FOLDER = ROOT / "benchmarks"
# Each file says at its top what it measures; the storms have a command of their own.
NAMES = ("bets", "positions", "reports")
NEEDS = ("mariadb", "redis", "compiler")


def storm(words: list[str]) -> int:
    """Let one client flood a private Ringside, or harm it; returns 0 when every promise was kept.

    The first word is the kind of harm; without one it is the flood.
    """
    is_flood = not words or words[0].startswith("-")
    if words[:1] == ["quick-damage"]:
        return _run("quick_damage", words[1:])
    return _run("storm" if is_flood else "harms", words)


def bench(words: list[str]) -> int:
    """Run the benchmarks that are named first, all without a name, one after the other.

    What follows the names is passed on to each. Returns 0 when all ended well.
    """
    names = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    options = words[len(names) :]
    if unknown := set(names) - set(NAMES):
        print(f"No benchmark is called {min(unknown)}; there are {', '.join(NAMES)}.")
        return 2
    missing = prerequisites.provide(NEEDS)
    if missing:
        print("\n".join(f"MISSING {what}: {how}" for what, how in missing.items()))
        return 1
    went = []
    for name in names or NAMES:
        print(f"\n{name}: {FOLDER / name}.py", flush=True)
        began_s = time.monotonic()
        code = _run(name, options)
        went.append((name, time.monotonic() - began_s, code))
    print(f"\n{'benchmark':<12}{'seconds':>8}  result")
    for name, seconds, code in went:
        print(f"{name:<12}{seconds:>8.1f}  {'well' if code == 0 else f'ended with {code}'}")
    return max(code for _name, _seconds, code in went)


def _run(name: str, options: list[str]) -> int:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [str(PYTHON), str(FOLDER / f"{name}.py"), *options]
    sys.stdout.flush()
    return subprocess.run(command, env=env, check=False).returncode
