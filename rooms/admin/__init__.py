"""What operators see of rooms."""

from rooms.admin import key_pages, room_admin

__all__ = ["key_pages", "room_admin"]
