"""`manage.py clock`: tick until told to stop."""

import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils.translation import gettext as _
from prometheus_client import Counter, Histogram

from operations.clock import outbound
from operations.clock.auditor import Auditor
from operations.clock.club_steps import here
from operations.clock.schedule import Clock, Step
from operations.dashboard import samples
from web.commands import OperatorCommand
from web.server.metrics import metric_files


class Command(OperatorCommand):
    """Runs operations/clock/schedule.py. Several may run at once; each step is safe to repeat."""

    help = _("Records, locks, pays, forgets: what is nobody's request. Ends on SIGTERM.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until SIGTERM or Ctrl-C; the step under way is finished first."""
        clock = Clock()
        clock.steps += [
            Step("beat", 1, clock.beat),
            Step("sample", samples.EVERY_S, samples.sample),
            Step("books", 1, Auditor().step),
        ]
        sender = Clock(outbound.steps())
        _count(clock, sender)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: clock.stop())
        here.take_name(Path(settings.DATA_DIR) / "clocks")
        self.stdout.write("clock ticks")
        with outbound.running(sender):
            clock.run()
        with suppress(Error):
            here.end()
        self.stdout.write("clock stopped")


def _count(*clocks: Clock) -> None:
    """Count steps in the metric files that the web processes add up."""
    metric_files.count_in_files(Path(settings.DATA_DIR))
    took = Histogram(
        "ringside_clock_step_seconds", "Steps of the clock that ended well", ["step"],
        buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30),
    )  # fmt: skip
    failed = Counter("ringside_clock_failures", "Steps of the clock that failed", ["step"])
    for clock in clocks:
        for step in clock.steps:
            # Present from 0 on: a counter first seen at 12 has not risen by 12 for Prometheus.
            failed.labels(step.name)
        clock.timed = lambda name, seconds: took.labels(name).observe(seconds)
        clock.failed = lambda name: failed.labels(name).inc()
