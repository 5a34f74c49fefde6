"""What is sent on one socket: at once while its reader reads, else by a task, in order."""

import asyncio
import contextlib
from collections.abc import Hashable

from accounts.sockets import metrics
from accounts.sockets.connection import Connection
from accounts.sockets.outbox import Outbox
from web.server.single_waiter import Flag
from web.server.text_frames import text_frame

FAREWELL_S = 1.0


class Writer:
    """Accepts the handshake, sends frames in their order, and closes; no caller ever waits.

    Everything a socket sends goes through these methods, and nothing else knows how it is sent.
    """

    __slots__ = ("_close", "_connection", "_outbox", "_task", "_wake", "_wire", "blocked_since_s")

    def __init__(self, connection: Connection) -> None:
        # The loop's time when the reader stopped taking what is sent; None while it takes it.
        self.blocked_since_s: float | None = None
        self._connection, self._wire = connection, connection.wire
        self._outbox = Outbox()
        self._wake = Flag()
        self._close: tuple[int, str, tuple[str, ...]] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Future[None]:
        """Begin to send; the future is done once nothing more is sent, and may be cancelled."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._forget_task)
        return self._task

    def _forget_task(self, _task: asyncio.Task[None]) -> None:
        # It may hold what cancelled it, and by that the writer.
        self._task = None

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return len(self._outbox)

    @property
    def is_closing(self) -> bool:
        """Whether no more frames are taken."""
        return self._close is not None

    def put(self, frame: str, slot: Hashable | None = None) -> bool:
        """Send a frame at once, or after those that wait; of a slot only the newest waits.

        False where the reader does not read and too many wait. A burst, or what comes while the
        welcome is made, closes nobody who reads.
        """
        if slot is None and self.blocked_since_s is not None and self._outbox.is_full:
            return False
        if write := self._wire.write:
            write(text_frame(frame))
            return True
        self._wire.free(False)
        self._outbox.put(frame, slot)
        self._wake.set()
        return True

    def hold(self) -> None:
        """Let frames wait until `release`."""
        self._wire.free(False)
        self._outbox.is_held = True

    def release(self, first: str) -> None:
        """Send this frame, then those that waited."""
        self._outbox.release(first)
        self._wake.set()

    def close(self, code: int, reason: str, last_frames: tuple[str, ...] = ()) -> None:
        """Close after these frames; what waits is dropped. Only the first call counts."""
        if self._close:
            return
        self._close = (code, reason, last_frames)
        self._wire.free(False)
        metrics.dropped.labels("closing").inc(len(self._outbox))
        self._wake.set()
        if self.blocked_since_s is not None and self._task:
            self._task.cancel()

    def take_answers(self) -> tuple[str, ...]:
        """Take the frames without a slot out of those that wait, for `close` to send them."""
        return tuple(self._outbox.drain())

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            await self._connection.accept()
            while not self._close:
                if not self._outbox.is_ready:
                    self._wire.free(self._outbox.is_empty)
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                self.blocked_since_s = clock()
                # No name for it, or the welcome would be kept as long as the socket.
                await self._connection.send(self._outbox.take())
                self.blocked_since_s = None
        except asyncio.CancelledError:
            # Cancelled by `close` while a send was blocked: the close is still tried.
            if not self._close:
                raise
        except (RuntimeError, OSError):
            # The peer is gone; the listener finds that out by itself.
            return
        if self._close:
            await self._say_farewell(*self._close)

    async def _say_farewell(self, code: int, reason: str, last_frames: tuple[str, ...]) -> None:
        with contextlib.suppress(TimeoutError, RuntimeError, OSError):
            async with asyncio.timeout(FAREWELL_S):
                for frame in last_frames:
                    await self._connection.send(frame)
                await self._connection.close(code, reason)
