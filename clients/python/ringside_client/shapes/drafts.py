"""What goes over the wire about drafts.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct

from ringside_client.shapes.shared import MarketBoard


class Drafts(Struct, kw_only=True):
    """The drafts of a room in their order, and how many of them were added just now."""

    markets: list[MarketBoard]
    added: int
