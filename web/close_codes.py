"""Why a socket is closed: the codes of docs/protocol.md, once.

A new code is also told to those who read it: docs/protocol.md (a test compares), `FINAL` in
rooms/static/rooms/socket.js, `FOR_GOOD` in locations/static/locations/report.js, `_CLOSED` in
accounts/diagnosis/diagnose.py and the player in simulation/player.py.
"""

from enum import IntEnum


class Close(IntEnum):
    """The code of a close; down to TOO_FAST a client comes back with jitter, below it not."""

    RESTARTING = 1012
    TOO_BIG = 1009
    BYE = 4000
    TOO_SLOW = 4008
    TOO_FAST = 4029
    NONSENSE = 1008
    SIGN_IN = 4401
    SENT_AWAY = 4403
    REPLACED = 4409
    ENDED = 4410
