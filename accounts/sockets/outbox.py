"""What waits to be sent to one reader: of figures and state the newest only."""

from collections.abc import Hashable

OTHERS_MAX = 64


class Outbox:
    """Frames in the order they came; a frame with a slot takes the place of the slot's last one.

    Frames with a slot are as many as a room has things to show, however long they wait. While it
    is held nothing is taken from it.
    """

    __slots__ = ("_frames", "_number", "_others", "is_held")

    def __init__(self) -> None:
        self._frames: dict[Hashable, str] = {}
        self._number = 0
        self._others = 0
        self.is_held = False

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, and nothing has to."""
        return not self._frames and not self.is_held

    @property
    def is_ready(self) -> bool:
        """Whether there is a frame to take now."""
        return bool(self._frames) and not self.is_held

    @property
    def is_full(self) -> bool:
        """Whether 64 frames without a slot wait: too many for a reader that does not read."""
        return self._others >= OTHERS_MAX

    def put(self, frame: str, slot: Hashable | None = None) -> None:
        """Add a frame."""
        if slot is not None:
            self._frames["slot", slot] = frame
            return
        self._number += 1
        self._others += 1
        self._frames[self._number] = frame

    def release(self, first: str) -> None:
        """Let the frames go, after this one."""
        self._number += 1
        self._others += 1
        self._frames = {self._number: first, **self._frames}
        self.is_held = False

    def drain(self) -> list[str]:
        """Take every frame without a slot: answers and events, not figures."""
        self._others = 0
        return [self._frames.pop(key) for key in [*self._frames] if isinstance(key, int)]

    def take(self) -> str:
        """The frame that waited longest."""
        key = next(iter(self._frames))
        if isinstance(key, int):
            self._others -= 1
        return self._frames.pop(key)
