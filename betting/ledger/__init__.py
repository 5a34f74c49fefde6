"""The ledger: every decision of the bank in SQL, append-only, and what can be read from it."""

from betting.ledger.checks import JournalBroken
from betting.ledger.recorder import (
    Totals,
    drop_empty_wallets,
    entries,
    first_answer,
    read,
    record,
    record_all,
    record_entries,
    stakes,
    totals,
    wait_for,
    watermark,
)
from betting.ledger.trimming import ripe

__all__ = [
    "JournalBroken", "Totals", "drop_empty_wallets", "entries", "first_answer", "read", "record",
    "record_all", "record_entries", "ripe", "stakes", "totals", "wait_for", "watermark",
]  # fmt: skip
