"""Whether this process may have the bank decide: not where it belongs to another installation.

Two installations on one bank cannot shut it against each other, so each keeps its own processes
from it.
"""


class _Doubts:
    def __init__(self) -> None:
        self.of_any = ""
        self.of: dict[str, str] = {}


_here = _Doubts()


def distrust(reason: str, at: str = "") -> None:
    """Have this process decide nothing at a primary, for this reason; with none, let it decide.

    Without a primary it is about all, also those that are not known yet.
    """
    if at:
        _here.of[at] = reason
    else:
        _here.of_any, _here.of = reason, {}


def doubt(at: str) -> str:
    """Why this process may not have a primary decide; empty when it may."""
    return _here.of.get(at, _here.of_any)
