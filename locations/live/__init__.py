"""Positions in the live Redis: the users' states, and the fixes that wait for SQL."""

from locations.live.client import (
    akeep_cell,
    aknown,
    arun,
    atally,
    count_present,
    counts,
    erase,
    erased,
    forget_erased_ahead,
    forget_older,
    keep_cell,
    known,
    many,
    missed,
    near,
    note_missed,
    reap,
    reap_ahead,
    run,
    set_fix_aside,
    states,
    tally,
    unmap,
    waiting,
    waiting_count,
    written,
)

__all__ = [
    "akeep_cell", "aknown", "arun", "atally", "count_present", "counts", "erase", "erased",
    "forget_erased_ahead", "forget_older", "keep_cell", "known", "many", "missed", "near",
    "note_missed", "reap", "reap_ahead", "run", "set_fix_aside", "states", "tally", "unmap",
    "waiting", "waiting_count", "written",
]  # fmt: skip
