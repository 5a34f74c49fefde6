"""Conflation: fast figures are sent a few times a second, the newest version of each market."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

# A little over a quarter, so that a frame held up on its way does not make five in a second.
REST_S = 0.26


@dataclass(slots=True)
class Pools:
    """New figures of one market of a room; `hosts_text` as in a RoomFrame.

    Most figures are overtaken before they are told, so a caller may leave it to `encode` to make
    both texts then.
    """

    room_id: int
    market_id: int
    version: int
    text: str = ""
    hosts_text: str | None = None
    encode: Callable[[], tuple[str, str | None]] | None = None

    def encoded(self) -> "Pools":
        """These figures with both texts, made now where they were not."""
        if self.encode:
            self.text, self.hosts_text = self.encode()
            self.encode = None
        return self

    @property
    def slot(self) -> str:
        """The place in an outbox that keeps only the newest of them."""
        return f"pools:{self.market_id}"


@dataclass(slots=True)
class _Lane:
    version: int
    waiting: Pools | None = None


class Conflation:
    """Passes the first figures on at once, then one more every 260 ms, the largest version.

    A market that rests is forgotten; readers keep the largest version anyway.
    """

    def __init__(self, pass_on: Callable[[Pools], None]) -> None:
        self._pass_on = pass_on
        self._lanes: dict[int, _Lane] = {}

    def offer(self, pools: Pools) -> None:
        """Take new figures; older ones than the newest known are dropped."""
        lane = self._lanes.get(pools.market_id)
        if lane is None:
            self._lanes[pools.market_id] = _Lane(pools.version)
            self._pass_on(pools)
            self._rest(pools.market_id)
        elif pools.version > lane.version:
            lane.version, lane.waiting = pools.version, pools

    def _rest(self, market_id: int) -> None:
        asyncio.get_running_loop().call_later(REST_S, self._go_on, market_id)

    def _go_on(self, market_id: int) -> None:
        lane = self._lanes[market_id]
        if lane.waiting is None:
            del self._lanes[market_id]
            return
        waiting, lane.waiting = lane.waiting, None
        self._pass_on(waiting)
        self._rest(market_id)
