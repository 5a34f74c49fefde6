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
        self._waiting: deque[tuple[str, Message]] = deque()
        self._going = asyncio.Event()

    def post(self, room_id: int | None, message: Message) -> None:
        """Send a message to the processes of a room; without one, to all."""
        # Only a hanging live instance lets this grow; then the oldest goes, and is caught up.
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.popleft()
            metrics.dropped.labels("layer").inc()
        self._waiting.append((layer.group(room_id), message))
        self._going.set()

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
                self._fail(message)
                # One by one they would wait for as many time-outs.
                while self._waiting:
                    self._fail(self._waiting.popleft()[1])
                raise
