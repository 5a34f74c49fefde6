"""Watches the bank from a web process: at its start, for new servers, and after failed calls.

Until the first inspection the process decides nothing: the bank might belong to another
installation.
"""

import logging
import threading
import time
from contextlib import suppress

from django.db import DatabaseError, connection

from betting import bank
from operations import gate_sentences, gate_watch

FIRST_LOOK_S = 5.0
PAUSE_BETWEEN_S = 1.0

log = logging.getLogger(__name__)


def start() -> None:
    """Start the thread that watches the bank; wait FIRST_LOOK_S at most for its inspection."""
    bank.distrust("The bank was not inspected yet.")
    inspected = threading.Event()
    threading.Thread(target=_run, args=(inspected,), name="bank watch", daemon=True).start()
    inspected.wait(FIRST_LOOK_S)


def inspect(well: set[str]) -> bool:
    """Inspect primaries that are not `well`: shut one that is not right, load a missing library.

    Adds the names of those that could be read; returns whether that is all of them now.
    """
    try:
        primaries = bank.primaries()
    except bank.BankAway as error:
        log.warning("The bank could not be inspected: %s", error)
        return False
    for primary in primaries:
        if primary.name not in well:
            try:
                gate_watch.inspect_primary(primary, opens=not bank.library(primary))
                well.add(primary.name)
            except (bank.BankAway, bank.BankFull, DatabaseError) as error:
                why = gate_sentences.of(primary, str(error))
                log.warning("The bank could not be inspected: %s", why)
    return well >= {primary.name for primary in primaries}


def _run(inspected: threading.Event) -> None:
    well: set[str] = set()
    while True:
        began_s = time.monotonic()
        well -= bank.failures.take()
        is_all = inspect(well)
        connection.close()
        if well:
            inspected.set()
        if is_all:
            _wait_for_work(well)
        time.sleep(max(0.0, began_s + PAUSE_BETWEEN_S - time.monotonic()))


def _wait_for_work(well: set[str]) -> None:
    """Wait until a call fails, or a Cluster has a server that is not `well`: a new one.

    It is inspected before it has a slot, so that no bet waits for that.
    """
    while not bank.failures.wait(PAUSE_BETWEEN_S):
        with suppress(bank.BankAway):
            if not well >= {primary.name for primary in bank.primaries()}:
                return
