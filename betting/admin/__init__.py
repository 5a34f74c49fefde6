"""The admin of markets and coins. Coins move through acts, never by editing a row."""

from betting.admin import (
    club_pages,
    coins,
    entries,
    market_pages,
    people,
    room_pages,
    webhook_pages,
)

__all__ = [
    "club_pages", "coins", "entries", "market_pages", "people", "room_pages", "webhook_pages",
]  # fmt: skip
