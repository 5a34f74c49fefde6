"""Messages on their way to other processes; only the step that publishes waits for the layer."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from accounts.sockets import metrics
from rooms.fanout import layer
from rooms.fanout.layer import Message

PATIENCE_S = 1.0
WAITING_MAX = 2_000


class Outgoing:
    """Messages in their order; `fail` is called with one that the layer did not take."""

    def __init__(self, channel_layer: Any, fail: Callable[[Message], None]) -> None:
        self._layer = channel_layer
        self._fail = fail
        # Rooms with users of whose touches other processes did not hear.
        self._missed: set[int | None] = set()
        self._waiting: deque[tuple[str, Message]] = deque()
        self._going = asyncio.Event()

    def post(self, room_id: int | None, message: Message) -> None:
        """Send a message to the processes of a room; without one, to all."""
        # Only a hanging live instance lets this grow; then the oldest goes, and is caught up.
        if len(self._waiting) >= WAITING_MAX:
            self.lose(self._waiting.popleft()[1])
            metrics.dropped.labels("layer").inc()
        self._waiting.append((layer.group(room_id), message))
        self._going.set()

    def lose(self, message: Message) -> None:
        """Take note of a message that the layer was not given; a lost touch is made good later."""
        if message["kind"] in ("touched", "missed"):
            self._missed.add(message["room_id"])

    def make_good(self, process: str) -> None:
        """Let other processes read anew what users have in rooms where touches were lost."""
        missed, self._missed = self._missed, set()
        for room_id in missed:
            self.post(room_id, layer.missed(room_id, process))

    async def publish(self) -> None:
        """Wait for messages and send them; where one is not taken, those behind it fail, too."""
        await self._going.wait()
        self._going.clear()
        while self._waiting:
            group, message = self._waiting.popleft()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._layer.group_send(group, message)
                layer.sent.labels(message["kind"]).inc()
            except Exception:
                self._give_up(message)
                # One by one they would wait for as many time-outs.
                while self._waiting:
                    self._give_up(self._waiting.popleft()[1])
                raise

    def _give_up(self, message: Message) -> None:
        self.lose(message)
        self._fail(message)
