"""The levels of each primary's memory: what is refused as it fills, and what rooms are told.

Every process reads for itself how full the bank is, so that a level never depends on the clock or
on the live instance. A reading may be two seconds old; what fills the bank faster than
that is refused whole by the bank itself. Locks, decisions, payments and refunds go on at every
level: they give coins back, and the bank takes them when nothing else fits in any more.
"""

import logging
import threading
from contextlib import suppress
from enum import IntEnum
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.sockets.frames import encode
from betting import bank
from betting.bank.notices import AnnouncedState, OfPrimaries
from betting.bank.routing import ALONE
from rooms.messages import Notice
from web.refusals import Refused
from web.threads import is_in_loop

# A level is left only so far below its mark, or it would change to and fro at the mark.
SLACK = 0.05
COME_BACK_S = 10

log = logging.getLogger(__name__)


class Level(IntEnum):
    """How far the bank has filled, by the highest mark passed."""

    ROOMY = 0
    FILLING = 1
    NEARLY_FULL = 2
    FULL = 3


# The part of maxmemory in use at which a level begins.
MARKS = {Level.FILLING: 0.70, Level.NEARLY_FULL: 0.85, Level.FULL: 0.95}

NOTICES = {
    Level.ROOMY: gettext_noop("There is space again. Everything works as usual."),
    Level.FILLING: gettext_noop("The house is filling up. Everything still works."),
    Level.NEARLY_FULL: gettext_noop(
        "The house is nearly full: no new rooms, questions or chat for now. Bets go on."
    ),
    Level.FULL: gettext_noop(
        "The house is full: no new bets for now. Questions are still locked, decided and paid."
    ),
}
_NO_NEW = {
    "room": gettext_noop(
        "No new rooms for now: the house is nearly full. Join an open one, or try again in a"
        " few minutes."
    ),
    "market": gettext_noop(
        "No new questions for now: the house is nearly full. Decide the open ones, and try again"
        " in a few minutes."
    ),
    "chat": gettext_noop(
        "No chat for now: the house is nearly full. Bets go on; try again in a few minutes."
    ),
}
_NO_BETS = gettext_noop(
    "No new bets for now: the house is full. Nothing was taken; try again in a few minutes."
)


def next_level(level: Level, fullness: float) -> Level:
    """The level after a reading: up at its mark, down only once well below it."""
    risen = max((mark for mark, least in MARKS.items() if fullness >= least), default=Level.ROOMY)
    while level > risen and fullness < MARKS[level] - SLACK:
        level = Level(level - 1)
    return max(level, risen)


class Capacity(AnnouncedState):
    """The level as this process knows it."""

    slot = "memory"

    def __init__(self, primary: str = ALONE) -> None:
        super().__init__(primary)
        self.level = Level.ROOMY
        self._reading = threading.Lock()

    def probe(self) -> Level:
        """The level now, from a thread: read if the last reading is older than a second.

        A bank that does not answer leaves it as it was.
        """
        if self._reading.acquire(blocking=False):
            try:
                if self._is_due():
                    with suppress(bank.BankAway):
                        self.note(bank.fullness(self.primary))
            finally:
                self._reading.release()
        return self.level

    async def aprobe(self) -> Level:
        """Read the level from an event loop; as `probe`."""
        if self._is_due():
            with suppress(bank.BankAway):
                self.note(await bank.afullness(self.primary))
        return self.level

    def note(self, fullness: float) -> None:
        """Take a reading, and log a level that changed."""
        level = next_level(self.level, fullness)
        if level == self.level:
            return
        tell = log.warning if level > self.level else log.info
        tell("The bank's memory is %.0f %% full: %s", 100 * fullness, NOTICES[level])
        self.level = level
        self._note_change()

    @property
    def is_normal(self) -> bool:
        return self.level == Level.ROOMY

    def notice(self) -> str:
        """The frame that tells the level, in the language that is active."""
        return encode(Notice(code(self.level), _(NOTICES[self.level])))


here = Capacity()
_others = OfPrimaries(Capacity)


def of(club_id: int) -> Capacity:
    """The level of the primary that has a club."""
    return _others.of(club_id, here)


def code(level: Level) -> str:
    """The word of a level on the wire, as docs/protocol.md lists it."""
    return f"memory_{level.name.lower()}"


def level(club_id: int) -> Level:
    """A club's level for a decision; inside an event loop the last one known, without waiting."""
    return of(club_id).level if is_in_loop() else of(club_id).probe()


def require_space(wanted: Literal["room", "market", "chat"], club_id: int) -> None:
    """Refuse new things while a club's primary is nearly full. Raises Refused: busy."""
    if level(club_id) >= Level.NEARLY_FULL:
        raise Refused("busy", _(_NO_NEW[wanted]), retry_after_s=COME_BACK_S)


def no_bets() -> Refused:
    """The refusal of a bet while the bank is full."""
    return Refused("busy", _(_NO_BETS), retry_after_s=COME_BACK_S)
