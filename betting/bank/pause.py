"""Whether bets are paused: a primary is shut, away or not ours, and its rooms are told so."""

import logging

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.sockets.frames import encode
from betting.bank.errors import BankAway
from betting.bank.libraries import ais_open
from betting.bank.notices import AnnouncedState, OfPrimaries
from betting.bank.routing import ALONE
from rooms.messages import Notice

log = logging.getLogger(__name__)

_PAUSED = "bets_paused", gettext_noop("Bets are paused for a moment. All coins stay.")
_ON = "bets_on", gettext_noop("Bets go on.")


class Pause(AnnouncedState):
    """Whether bets are paused, as this process knows it."""

    slot = "pause"

    def __init__(self, primary: str = ALONE) -> None:
        super().__init__(primary)
        self.is_paused = False

    @property
    def is_normal(self) -> bool:
        return not self.is_paused

    async def aprobe(self) -> None:
        """Ask the bank whether it decides, when the last reading is older than a second."""
        if not self._is_due():
            return
        try:
            self.note(not await ais_open(self.primary))
        except BankAway:
            self.note(True)

    def note(self, is_paused: bool) -> None:
        """Take a reading, and log a change."""
        if is_paused != self.is_paused:
            log.warning("Bets are paused." if is_paused else "Bets go on.")
            self.is_paused = is_paused
            self._note_change()

    def notice(self) -> str:
        """The frame that tells it, in the language that is active."""
        code, sentence = _PAUSED if self.is_paused else _ON
        return encode(Notice(code, _(sentence)))


here = Pause()
_others = OfPrimaries(Pause)


def of(club_id: int) -> Pause:
    """Whether bets are paused at the primary that has a club."""
    return _others.of(club_id, here)
