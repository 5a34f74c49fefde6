"""The tables of rooms: who is in them, what is said, and what opens them."""

from rooms.models.club_tables import MAIN_CLUB, Club, ClubMembership
from rooms.models.link_tables import RoomKey, RoomScreen, RoomSeat
from rooms.models.room_tables import OFFICIAL_AFTER_S, ChatLine, Membership, Room, RoomAct

__all__ = [
    "MAIN_CLUB",
    "OFFICIAL_AFTER_S",
    "ChatLine",
    "Club",
    "ClubMembership",
    "Membership",
    "Room",
    "RoomAct",
    "RoomKey",
    "RoomScreen",
    "RoomSeat",
]
