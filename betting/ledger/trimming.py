"""Drops entries from the journal that SQL has held for a while.

The journal keeps an entry for a minute after its commit, so that a database that comes back a
little older than it was can be brought up to date again.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable

from betting import bank
from betting.models import Watermark

TRIM_AFTER_S = 60
NOTE_EVERY_S = 1

# Clubs that are trimmed at a time, so that a process that saw all begin does not do it at once.
RIPE_PER_STEP = 20

# Commits that this process saw, by club: (monotonic seconds, epoch, seq), oldest first. The last
# one stays, so that a quiet club is trimmed once.
_seen: dict[int, deque[tuple[float, int, int]]] = {}
_trimmed_to: dict[int, int] = {}
_lock = threading.Lock()


def trim_recorded(mark: Watermark) -> None:
    """Note that the ledger of a club reaches `mark`, and trim to what it reached a minute ago.

    A process that has just started trims nothing for a minute: it cannot know when the entries
    that it finds were committed.
    """
    now_s = time.monotonic()
    with _lock:
        _note(mark.pk, mark.epoch, mark.seq, now_s)
        is_ripe = _is_ripe(mark.pk, now_s)
        _at_s, epoch, seq = _seen[mark.pk][0]
        if is_ripe:
            _trimmed_to[mark.pk] = seq
    if is_ripe:
        bank.trim(mark.pk, epoch=epoch, seq=seq)


def ripe(marks: Iterable[tuple[int, int, int]]) -> list[int]:
    """Some of the clubs that are to be trimmed, of those at these marks: (club, epoch, seq).

    Takes note of those that this process sees for the first time.
    """
    now_s, found = time.monotonic(), []
    with _lock:
        for club_id, epoch, seq in marks:
            if club_id not in _seen:
                _note(club_id, epoch, seq, now_s)
            elif _is_ripe(club_id, now_s):
                found.append(club_id)
    return found[:RIPE_PER_STEP]


def _note(club_id: int, epoch: int, seq: int, now_s: float) -> None:
    noted = _seen.setdefault(club_id, deque())
    if not noted or (seq != noted[-1][2] and now_s - noted[-1][0] >= NOTE_EVERY_S):
        noted.append((now_s, epoch, seq))


def _is_ripe(club_id: int, now_s: float) -> bool:
    noted = _seen[club_id]
    while len(noted) > 1 and now_s - noted[1][0] >= TRIM_AFTER_S:
        noted.popleft()
    at_s, _epoch, seq = noted[0]
    return now_s - at_s >= TRIM_AFTER_S and 0 < seq != _trimmed_to.get(club_id)
