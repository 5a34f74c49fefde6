"""Whether this process may have the bank decide: not when the bank is another house's.

Two houses on one bank cannot shut it against each other, so each looks after its own processes.
"""

import threading


class _Trust:
    def __init__(self) -> None:
        self.doubt = ""


_here = _Trust()
# Set by every call that found the bank away or shut; whoever looks after the bank waits for it.
failed = threading.Event()


def distrust(reason: str) -> None:
    """Have this process decide nothing, for this reason; with none, let it decide again."""
    _here.doubt = reason


def doubt() -> str:
    """Why this process may not have the bank decide; empty when it may."""
    return _here.doubt
