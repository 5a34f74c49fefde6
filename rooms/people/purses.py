"""A hook for the coins of a club's members: rooms does not know of wallets, an app above does."""

from collections.abc import Callable, Collection

# Called with a club and users; the coins in their wallets there, as last recorded.
source: Callable[[int, Collection[int]], dict[int, int]] | None = None


def coins(club_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The coins that each of these users has in a club."""
    found = source(club_id, user_ids) if source and user_ids else {}
    return {user_id: found.get(user_id, 0) for user_id in user_ids}
