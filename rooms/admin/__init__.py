"""What operators see of rooms."""

from rooms.admin import key_pages, pages

__all__ = ["key_pages", "pages"]
