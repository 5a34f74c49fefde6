"""Progress of a long command: a bar on a terminal, a line every few seconds elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper
from django.utils.translation import gettext as _
from rich.progress import MofNCompleteColumn, Progress, TaskID, TimeRemainingColumn

from betting.audit.wording import worded

LINE_EVERY_S = 5


@contextmanager
def following(out: OutputWrapper) -> Iterator[Callable[[str, int, int], None]]:
    """Yields a function to call with what is counted, how many are done, and of how many."""
    if out.isatty():
        with Progress(*Progress.get_default_columns()[:2], MofNCompleteColumn(),
                      TimeRemainingColumn(), transient=True) as bars:  # fmt: skip
            yield _bar(bars)
    else:
        yield _line(out)


def _bar(bars: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def tell(what: str, done: int, of: int) -> None:
        task = tasks.setdefault(what, TaskID(-1))
        if task < 0:
            task = tasks[what] = bars.add_task(worded(what), total=of)
        bars.update(task, completed=done, total=of)

    return tell


def _line(out: OutputWrapper) -> Callable[[str, int, int], None]:
    told_at_s = time.monotonic()

    def tell(what: str, done: int, of: int) -> None:
        nonlocal told_at_s
        if time.monotonic() - told_at_s >= LINE_EVERY_S:
            told_at_s = time.monotonic()
            told = _("%(what)s: %(done)d of %(of)d")
            out.write(told % {"what": worded(what), "done": done, "of": of})

    return tell
