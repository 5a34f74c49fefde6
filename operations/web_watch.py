"""Looks after the bank from a web process: at its start, and whenever a call to the bank failed.

Until the first look the process decides nothing: the bank might be another house's.
"""

import logging
import threading
import time

from django.db import DatabaseError, connection

from betting import bank
from operations import gate_watch

FIRST_LOOK_S = 5.0
REST_S = 1.0

log = logging.getLogger(__name__)


def start() -> None:
    """Begin, and wait a few seconds at most for the first look."""
    bank.distrust("The bank was not looked at yet.")
    looked = threading.Event()
    threading.Thread(target=_run, args=(looked,), name="bank watch", daemon=True).start()
    looked.wait(FIRST_LOOK_S)


def look() -> bool:
    """Shut a bank that is not right, load a library that is missing; whether one could look."""
    bank.failed.clear()
    try:
        gate_watch.look(opens=not all(bank.libraries()))
    except (bank.BankAway, bank.BankFull, DatabaseError) as error:
        log.warning("The bank could not be looked at: %s", error)
        return False
    return True


def _run(looked: threading.Event) -> None:
    while True:
        has_looked = look()
        connection.close()
        if has_looked:
            looked.set()
            bank.failed.wait()
        time.sleep(REST_S)
