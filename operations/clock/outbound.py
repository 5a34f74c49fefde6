"""What goes out to servers of others, which may be slow or away; no step of the clock waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from accounts.recovery import emails
from betting.webhooks import sending
from operations.clock.schedule import Clock, Step

# A server that does not answer must not hold up the end of the clock.
PATIENCE_S = 3.0


def steps() -> list[Step]:
    """What is sent, and how often it is looked for, in seconds."""
    return [
        Step("e-mails", 1, emails.send_due),
        Step("webhooks", 0.5, sending.Sender().step),
        Step("old deliveries", 60, sending.forget_old),
    ]


@contextmanager
def running(clock: Clock) -> Iterator[None]:
    """Run a clock of these steps in a thread of its own; stopped, it ends its step first."""

    def run() -> None:
        try:
            clock.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name="outbound", daemon=True)
    thread.start()
    try:
        yield
    finally:
        clock.stop()
        thread.join(timeout=PATIENCE_S)
