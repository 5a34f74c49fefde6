"""`./ringside bench` and `./ringside storm`: the measurements in benchmarks/, and how they went.

Standard library only.
"""

import itertools
import os
import subprocess
import sys

from launcher import prerequisites
from launcher.venv import PYTHON, ROOT

FOLDER = ROOT / "benchmarks"
# Those that are measured beside peers, all in one run; each file says at its top what it measures.
PAIRED = ("bets", "fanout", "connect")
# Those that measure Ringside alone, and report like the others.
ALONE = ("settle", "record", "pages", "growth", "start", "returning")
# These start what they need by themselves; the storms have a command of their own.
NAMES = (*PAIRED, *ALONE, "positions", "reports", "scale")
NEEDS = ("mariadb", "redis", "compiler")


def storm(words: list[str]) -> int:
    """Let one client flood a private Ringside, or harm it; returns 0 when every promise was kept.

    The first word is the kind of harm; without one it is the flood.
    """
    is_flood = not words or words[0].startswith("-")
    if words[:1] == ["quick-damage"]:
        return _run([str(FOLDER / "quick_damage.py"), *words[1:]])
    return _run([str(FOLDER / f"{'storm' if is_flood else 'harms'}.py"), *words])


def bench(words: list[str]) -> int:
    """Run the benchmarks that are named first; without a name those beside peers, in 3 minutes.

    With --all every benchmark at every size, in half an hour. Other options are passed on. Returns
    0 when all ended well.
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
    names = names or list(NAMES if "--all" in options else PAIRED)
    together = [name for name in names if name in (*PAIRED, *ALONE)]
    codes = [_run(["-m", "benchmarks", *together, *options])] if together else []
    own = [option for option in options if option != "--all"] if not together else []
    codes += [_run_file(name, own) for name in names if name not in together]
    return max(codes)


def _run_file(name: str, options: list[str]) -> int:
    print(f"\n{name}: {FOLDER / name}", flush=True)
    if (FOLDER / name).is_dir():
        return _run(["-m", f"benchmarks.{name}", *options])
    return _run([str(FOLDER / f"{name}.py"), *options])


def _run(words: list[str]) -> int:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    sys.stdout.flush()
    return subprocess.run([str(PYTHON), *words], env=env, check=False).returncode
