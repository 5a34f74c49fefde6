"""`manage.py clock`: tick until told to stop."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from config.clock import Clock, Step


class Command(BaseCommand):
    """Runs config/clock.py. Several may run at once; each step is safe to repeat."""

    help = "Records, locks, pays, forgets: what is nobody's request. Ends on SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until SIGTERM or Ctrl-C; the step under way is finished first."""
        clock = Clock()
        clock.steps.append(Step("beat", 1, clock.beat))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: clock.stop())
        self.stdout.write("clock ticks")
        clock.run()
        self.stdout.write("clock stopped")
