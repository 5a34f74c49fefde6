"""What operators see of rooms."""

from rooms.admin import club_admin, key_pages, room_admin

__all__ = ["club_admin", "key_pages", "room_admin"]
