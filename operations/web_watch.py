"""Watches the bank from a web process: at its start, and whenever a call to the bank failed.

Until the first inspection the process decides nothing: the bank might belong to another
installation.
"""

import logging
import threading
import time

from django.db import DatabaseError, connection

from betting import bank
from operations import gate_watch

FIRST_LOOK_S = 5.0
PAUSE_BETWEEN_S = 1.0

log = logging.getLogger(__name__)


def start() -> None:
    """Start the thread that watches the bank; wait FIRST_LOOK_S at most for its inspection."""
    bank.distrust("The bank was not inspected yet.")
    inspected = threading.Event()
    threading.Thread(target=_run, args=(inspected,), name="bank watch", daemon=True).start()
    inspected.wait(FIRST_LOOK_S)


def inspect() -> bool:
    """Inspect the bank: shut it when it is not right, load a missing library.

    Returns False when it could not be read.
    """
    bank.call_failed.clear()
    try:
        gate_watch.inspect(opens=not all(bank.libraries()))
    except (bank.BankAway, bank.BankFull, DatabaseError) as error:
        log.warning("The bank could not be inspected: %s", error)
        return False
    return True


def _run(inspected: threading.Event) -> None:
    while True:
        was_read = inspect()
        connection.close()
        if was_read:
            inspected.set()
            bank.call_failed.wait()
        time.sleep(PAUSE_BETWEEN_S)
