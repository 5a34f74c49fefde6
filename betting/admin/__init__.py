"""The admin of markets and coins. Coins move through acts, never by editing a row."""

from betting.admin import clubs, coins, entries, market_pages, people, room_pages, webhook_pages

__all__ = [
    "clubs", "coins", "entries", "market_pages", "people", "room_pages", "webhook_pages",
]  # fmt: skip
