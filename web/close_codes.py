"""Why a socket is closed: the codes of docs/protocol.md, once."""

from enum import IntEnum


class Close(IntEnum):
    """The code of a close; after the first five a client comes back with jitter, else not."""

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
