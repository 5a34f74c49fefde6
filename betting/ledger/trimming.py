"""Drops entries from the journal that SQL has held for a while.

The journal keeps an entry for a minute after its commit, so that a database that comes back a
little older than it was can be brought up to date again.
"""

import threading
import time
from collections import deque

from betting import bank
from betting.models import Watermark

TRIM_AFTER_S = 60
NOTE_EVERY_S = 1

# Commits that this process saw, by club: (monotonic seconds, epoch, seq), oldest first.
_seen: dict[int, deque[tuple[float, int, int]]] = {}
_lock = threading.Lock()


def trim_recorded(mark: Watermark) -> None:
    """Note that the ledger of a club reaches `mark`, and trim to what it reached a minute ago.

    A process that has just started trims nothing for a minute: it cannot know when the entries
    that it finds were committed.
    """
    now_s = time.monotonic()
    ripe = None
    with _lock:
        noted = _seen.setdefault(mark.club_id, deque())
        if not noted or (mark.seq != noted[-1][2] and now_s - noted[-1][0] >= NOTE_EVERY_S):
            noted.append((now_s, mark.epoch, mark.seq))
        while noted and now_s - noted[0][0] >= TRIM_AFTER_S:
            ripe = noted.popleft()
    if ripe is not None and ripe[2] > 0:
        bank.trim(mark.club_id, epoch=ripe[1], seq=ripe[2])
