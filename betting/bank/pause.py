"""Whether bets are paused: the bank is shut, away or another house's, and rooms are told so."""

import logging
import time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.sockets.frames import encode
from betting.bank.connections import BankAway, aeach_primary
from betting.bank.notices import State
from betting.bank.trust import doubt
from rooms.messages import Notice

READ_EVERY_S = 1.0

log = logging.getLogger(__name__)

NOTICES = {
    True: (
        "bets_paused",
        gettext_noop("Bets are paused while the house checks its books. All coins stay."),
    ),
    False: ("bets_on", gettext_noop("Bets go on.")),
}


class Pause(State):
    """Whether bets are paused, as this process knows it."""

    slot = "pause"

    def __init__(self) -> None:
        super().__init__()
        self.is_paused = False
        self._read_at_s = float("-inf")

    @property
    def is_usual(self) -> bool:
        return not self.is_paused

    async def aprobe(self) -> None:
        """Ask the bank whether it decides, when the last answer is older than a second."""
        now_s = time.monotonic()
        if now_s - self._read_at_s < READ_EVERY_S:
            return
        self._read_at_s = now_s
        try:
            replies = await aeach_primary("FCALL_RO", "gate_v1", 0)
            self.note(bool(doubt()) or any(reply[2] != "open" for reply in replies))
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
        code, sentence = NOTICES[self.is_paused]
        return encode(Notice(code, _(sentence)))


here = Pause()
