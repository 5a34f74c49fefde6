"""Whether this process may have the bank decide: not where it belongs to another installation.

Two installations on one bank cannot shut it against each other, so each keeps its own processes
from it.
"""


class _Ownership:
    def __init__(self) -> None:
        self.doubt = ""


_here = _Ownership()


def distrust(reason: str) -> None:
    """Have this process decide nothing, for this reason; with none, let it decide again."""
    _here.doubt = reason


def doubt() -> str:
    """Why this process may not have the bank decide; empty when it may."""
    return _here.doubt
