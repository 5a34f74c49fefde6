"""What waits to be sent to one reader: bounded, and the newest figures only."""

from collections.abc import Hashable

OTHERS_MAX = 64
SLOTS_MAX = 64


class Outbox:
    """Frames in the order they came; a frame with a slot takes the place of the slot's last one.

    At most 64 frames without a slot wait. While it is held nothing is taken from it.
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
    def is_ready(self) -> bool:
        """Whether there is a frame to take now."""
        return bool(self._frames) and not self.is_held

    def put(self, frame: str, slot: Hashable | None = None) -> bool:
        """Add a frame; False when there is no room left and the reader is too slow."""
        if slot is not None:
            key: Hashable = ("slot", slot)
            if key not in self._frames and len(self._frames) - self._others >= SLOTS_MAX:
                return False
            self._frames[key] = frame
            return True
        if self._others >= OTHERS_MAX:
            return False
        self._number += 1
        self._others += 1
        self._frames[self._number] = frame
        return True

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
