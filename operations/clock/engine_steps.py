"""Steps of the clock that look after the memory and the files of the engines."""

import logging
import time

from betting import bank
from betting.bank import capacity
from betting.models import Watermark
from operations.clock.club_steps import each
from web.live import live_redis

# The fork of a rewrite is the bank's longest stop, so it waits for a quiet moment.
QUIET_S = 5.0
REWRITE_FROM_BYTES = 64 * 2**20

log = logging.getLogger(__name__)


class Rewriter:
    """Asks for a rewrite of the append-only file when it has grown and nobody bets."""

    def __init__(self) -> None:
        self._seqs: dict[int, int] = {}
        self._quiet_since_s = time.monotonic()

    def step(self) -> None:
        """Ask for a rewrite when nobody bets and the file has grown enough."""
        marks = dict(Watermark.objects.values_list("pk", "seq"))
        if marks != self._seqs:
            self._seqs, self._quiet_since_s = marks, time.monotonic()
        elif time.monotonic() - self._quiet_since_s >= QUIET_S:
            self._rewrite_if_grown()

    def _rewrite_if_grown(self) -> None:
        each(bank.primaries(), _rewrite_if_grown)


def _rewrite_if_grown(primary: bank.Primary) -> None:
    told = primary.ask("INFO", "persistence")
    size, base = told.get("aof_current_size", 0), told.get("aof_base_size", 0)
    if size > 2 * base + REWRITE_FROM_BYTES and not told.get("aof_rewrite_in_progress"):
        primary.ask("BGREWRITEAOF")


class LiveMemory:
    """Warns when the live instance fills; it then drops what ends soonest, never a coin."""

    def __init__(self) -> None:
        self._level = capacity.Level.ROOMY

    def step(self) -> None:
        """Read the fullness; each level is logged when it is reached and when it is left."""
        fullness = live_redis.fullness()
        level = capacity.next_level(self._level, fullness)
        if level != self._level:
            tell = log.warning if level > self._level else log.info
            tell("The live instance's memory is %.0f %% full.", 100 * fullness)
        self._level = level
