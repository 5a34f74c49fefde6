"""A hook for the coins that members have staked: rooms does not know of bets, an app above does."""

from collections.abc import Callable, Collection

# Called with a room and users; the coins of those who staked any, over the whole evening.
source: Callable[[int, Collection[int]], dict[int, int]] | None = None


def coins(room_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The coins that each of these users has staked in a room so far."""
    found = source(room_id, user_ids) if source and user_ids else {}
    return {user_id: found.get(user_id, 0) for user_id in user_ids}
