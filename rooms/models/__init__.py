"""The tables of rooms: who is in them, what is said, and what opens them."""

from rooms.models.link_tables import RoomKey, RoomScreen, RoomSeat
from rooms.models.room_tables import (
    MAIN_CLUB,
    OFFICIAL_AFTER_S,
    ChatLine,
    Club,
    Membership,
    Room,
    RoomAct,
)

__all__ = [
    "MAIN_CLUB",
    "OFFICIAL_AFTER_S",
    "ChatLine",
    "Club",
    "Membership",
    "Room",
    "RoomAct",
    "RoomKey",
    "RoomScreen",
    "RoomSeat",
]
