"""The live Redis, as far as it holds positions: who is where now, and what waits for SQL."""

from locations.live.client import (
    aknown,
    arun,
    atally,
    count_present,
    counts,
    erase,
    erased,
    forget_older,
    known,
    many,
    near,
    reap,
    run,
    states,
    tally,
    unmap,
    waiting,
    waiting_count,
    written,
)

__all__ = [
    "aknown", "arun", "atally", "count_present", "counts", "erase", "erased", "forget_older",
    "known", "many", "near", "reap", "run", "states", "tally", "unmap", "waiting",
    "waiting_count", "written",
]  # fmt: skip
