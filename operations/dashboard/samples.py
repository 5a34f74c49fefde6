"""The last hour: a reading every ten seconds, kept in the live instance by the clock."""

import msgspec

from operations import sample_store
from operations.dashboard.readings import Reading, take
from web.live.live_redis import LiveAway

EVERY_S = 10


def sample() -> None:
    """Take a reading and keep it; of several clocks one does for each turn. Raises LiveAway."""
    newest = last(1)
    now = take(newest[0] if newest else None)
    sample_store.keep(msgspec.json.encode(now).decode(), now.at_ms // (1000 * EVERY_S))


def last(count: int = sample_store.SAMPLES_MAX) -> list[Reading]:
    """Samples of the last hour, the newest first. Raises LiveAway."""
    return [msgspec.json.decode(text, type=Reading) for text in sample_store.latest(count)]


def read_now_and_hour() -> tuple[Reading, list[Reading]]:
    """A reading of now, and the samples; none of them while the live instance is away."""
    try:
        hour = last()
    except LiveAway:
        hour = []
    # A second is too short to count bets in.
    before = next((each for each in hour[:3] if _is_ripe(each, hour[0])), None)
    return take(before), hour


def _is_ripe(each: Reading, newest: Reading) -> bool:
    return newest.at_ms - each.at_ms >= 1000 * EVERY_S // 2
