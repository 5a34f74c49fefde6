"""Figures for other processes: of all that take bets on a market, one tells what it has.

The process that was heard last leads: it tells its newest figures 260 ms later. The others wait a
little longer, and drop what they have when they hear as much; versions count the bets of all. When
the leader has nothing to tell, or is dead, the first of the others that has something leads. All
hear the layer in one order, so they agree on the leader without a lease.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from rooms.fanout.conflation import REST_S, Pools

# Others than the leader wait so much longer: its figures are on their way first, and two of the
# others seldom speak at once.
_LATER_S = (0.04, 0.2)


@dataclass(slots=True)
class _Lane:
    # The largest version that was told to other processes.
    version: int
    timer: asyncio.TimerHandle | None = None
    waiting: Pools | None = None


class Relay:
    """Tells other processes the first figures at once, then about four a second of all."""

    def __init__(self, tell: Callable[[Pools], None]) -> None:
        self._tell = tell
        self._lanes: dict[int, _Lane] = {}

    def offer(self, pools: Pools) -> None:
        """Take new figures of this process; older ones than were told are dropped."""
        lane = self._lanes.get(pools.market_id)
        if lane is None:
            lane = self._lanes[pools.market_id] = _Lane(pools.version)
            self._tell(pools)
            self._rest(pools.market_id, lane, REST_S)
        elif pools.version > max(lane.version, lane.waiting.version if lane.waiting else 0):
            lane.waiting = pools

    def hear(self, market_id: int, version: int, *, is_ours: bool) -> None:
        """Take note of figures that all processes of the room were told."""
        lane = self._lanes.setdefault(market_id, _Lane(version))
        lane.version = max(lane.version, version)
        if lane.waiting and lane.waiting.version <= version:
            lane.waiting = None
        later_s = 0.0 if is_ours else random.uniform(*_LATER_S)  # noqa: S311 - nothing to guess.
        self._rest(market_id, lane, REST_S + later_s)

    def _rest(self, market_id: int, lane: _Lane, rest_s: float) -> None:
        if lane.timer:
            lane.timer.cancel()
        lane.timer = asyncio.get_running_loop().call_later(rest_s, self._go_on, market_id)

    def _go_on(self, market_id: int) -> None:
        lane = self._lanes[market_id]
        if lane.waiting is None:
            del self._lanes[market_id]
            return
        waiting, lane.waiting = lane.waiting, None
        lane.version = waiting.version
        self._tell(waiting)
        self._rest(market_id, lane, REST_S)
