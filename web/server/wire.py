"""The wire of a socket: where made frames are written at once, without a call in between.

The server offers it as an ASGI extension. A frame for many readers is written from one loop over
their wires; whatever would have to wait goes the ordinary way.
"""

from collections.abc import Callable

WIRE = "ringside.wire"
Write = Callable[[bytes], None]


class Wire:
    """`write` sends a whole frame now; it is None while a frame would have to wait.

    Two sides decide: the server by whether the peer takes what is sent, and the socket's writer by
    whether other frames go first.
    """

    __slots__ = ("_is_free", "_taking", "write")

    def __init__(self) -> None:
        self.write: Write | None = None
        self._taking: Write | None = None
        self._is_free = False

    def connect(self, write: Write | None) -> None:
        """Write by this from now on; None while the peer takes nothing, or has gone."""
        self._taking = write
        self.write = write if self._is_free else None

    def free(self, is_free: bool) -> None:
        """Say whether the next frame may go at once, with nothing before it."""
        self._is_free = is_free
        self.write = self._taking if is_free else None
