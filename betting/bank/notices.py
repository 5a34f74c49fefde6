"""States of the bank that rooms are told of, by every process to its own sockets."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

# A state is read by every process for itself, at most this often.
READ_EVERY_S = 1.0
# Only people who were in the room meanwhile need to hear that it is over.
TELL_RECOVERY_FOR_S = 10.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """A frame for everybody in a room, by language, and the version of the state it tells."""

    texts: dict[str, str]
    version: int


class AnnouncedState:
    """A state of the bank as this process knows it; `changes` counts how often it changed."""

    # A reader keeps the newest notice of a slot only.
    slot = ""

    def __init__(self) -> None:
        self.changes = 0
        self._changed_at_s = float("-inf")
        self._read_at_s = float("-inf")

    @property
    def is_normal(self) -> bool:
        """Whether there is nothing to tell."""
        raise NotImplementedError

    def notice(self) -> str:
        """The frame that tells the state, in the language that is active."""
        raise NotImplementedError

    def announcement(self) -> Announcement | None:
        """What everybody in a room is told; None while all is normal and was."""
        has_just_recovered = time.monotonic() - self._changed_at_s < TELL_RECOVERY_FOR_S
        if self.is_normal and not has_just_recovered:
            return None
        # Read before the text: a change in between is then told again instead of never.
        version, texts = self.changes, {}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                texts[language] = self.notice()
        return Announcement(texts, version)

    def _is_due(self) -> bool:
        """Whether the last reading is older than READ_EVERY_S; the caller then reads."""
        now_s = time.monotonic()
        if now_s - self._read_at_s < READ_EVERY_S:
            return False
        self._read_at_s = now_s
        return True

    def _note_change(self) -> None:
        self._changed_at_s = time.monotonic()
        self.changes += 1
