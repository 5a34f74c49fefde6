"""`./ringside check`: all that can be said of a change without running it, in a minute.

Standard library only.
"""

import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from shlex import quote

from launcher import prerequisites
from launcher.development import steps
from launcher.development.steps import Step
from launcher.venv import PYTHON

BIN = PYTHON.parent
MANAGE = (str(PYTHON), "manage.py")
MODULE = (str(PYTHON), "-m")
# OpenAPI as drf-spectacular reads it, and as the standard does.
SCHEMA = (
    f"{quote(str(PYTHON))} manage.py spectacular --validate --fail-on-warn --format openapi-json"
    f" | {quote(str(BIN / 'openapi-spec-validator'))} -"
)

# The slowest first: they begin together, and each waits for a core.
CHECKS = (
    Step(name="types", command=(str(BIN / "mypy"), ".")),
    Step(name="locale", command=(*MODULE, "launcher.development.lint_locale"), needs=("gettext",)),
    Step(name="migrations", command=(*MANAGE, "makemigrations", "--check", "--dry-run")),
    Step(name="schema", command=("sh", "-c", SCHEMA)),
    Step(name="django", command=(*MANAGE, "check")),
    Step(name="imports", command=(str(BIN / "lint-imports"),)),
    Step(name="templates", command=(str(BIN / "djlint"), "--lint", "--quiet", "templates")),
    Step(name="format", command=(str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Step(name="ruff", command=(str(BIN / "ruff"), "check", "--quiet", ".")),
    Step(name="names", command=(*MODULE, "launcher.development.lint_names")),
    Step(name="scripts", command=(str(BIN / "oxlint"), "--quiet")),
)
NAMES = tuple(step.name for step in CHECKS)


def check(names: Collection[str]) -> int:
    """Run the checks that are named, all without a name; returns 0 when all found nothing.

    Tells what a check found when it ends, and at last a table.
    """
    if unknown := set(names) - set(NAMES):
        print(f"No check is called {min(unknown)}; there are {', '.join(NAMES)}.")
        return 2
    began_s = time.monotonic()
    chosen = [step for step in CHECKS if not names or step.name in names]
    needed = {program for step in chosen for program in step.needs}
    missing = prerequisites.provide(needed)
    runnable, skipped = steps.able(chosen, missing)
    with tempfile.TemporaryDirectory(prefix="ringside-check-") as scratch:
        ended = [_tell(one) for one in steps.run(runnable, Path(scratch))]
    print(f"{'check':<12}{'seconds':>8}  result")
    for one in sorted(ended, key=lambda one: NAMES.index(one.step.name)):
        print(f"{one.step.name:<12}{one.seconds:>8.1f}  {'FAILED' if one.code else 'well'}")
    for name in skipped:
        print(f"{name:<12}{'':>8}  SKIPPED")
    prerequisites.tell(missing)
    print(f"in {time.monotonic() - began_s:.1f} s")
    return int(any(one.code for one in ended) or prerequisites.is_refused(missing))


def _tell(one: steps.Ended) -> steps.Ended:
    if one.code:
        print(f"{one.step.name}:\n{one.text or f'ended with {one.code}'}\n", flush=True)
    return one
