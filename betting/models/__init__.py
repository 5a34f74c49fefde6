"""Markets, and the ledger with its projections.

From `open` on the bank owns a market's status; everything here that moves is written by
betting/ledger/ from the journal, in one transaction with the watermark.
"""

from betting.models.ledger_tables import (
    ACCOUNTS,
    FORGOTTEN,
    REFILL,
    WELCOME,
    Anchor,
    ClockLease,
    Correction,
    Epoch,
    Installation,
    Kind,
    LedgerEntry,
    Watermark,
)
from betting.models.market_tables import Market, Outcome
from betting.models.projection_tables import Position, Wallet
from betting.models.webhook_tables import Delivery, Webhook

__all__ = [
    "ACCOUNTS", "Anchor", "ClockLease", "Correction", "Delivery", "Epoch", "FORGOTTEN",
    "Installation", "Kind", "LedgerEntry", "Market", "Outcome", "Position", "REFILL",
    "WELCOME", "Wallet", "Watermark", "Webhook",
]  # fmt: skip
