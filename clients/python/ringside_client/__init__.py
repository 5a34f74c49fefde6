"""A typed client of Ringside, over HTTP and sockets."""

from ringside_client import shapes
from ringside_client.live import JoinedRoom, LiveRoom
from ringside_client.refusal import Refused
from ringside_client.ringside import Ringside

__all__ = ["JoinedRoom", "LiveRoom", "Refused", "Ringside", "shapes"]
