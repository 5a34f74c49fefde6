"""States of the bank that rooms are told of, by every process to its own sockets."""

import time

from django.conf import settings
from django.utils import translation

# Only people who were in the room meanwhile need to hear that it is over.
RELIEF_IS_NEWS_S = 10.0


class State:
    """A state of the bank as this process knows it; `changes` counts how often it changed."""

    # A reader keeps the newest notice of a slot only.
    slot = ""

    def __init__(self) -> None:
        self.changes = 0
        self._changed_at_s = float("-inf")

    @property
    def is_usual(self) -> bool:
        """Whether there is nothing to tell."""
        raise NotImplementedError

    def notice(self) -> str:
        """The frame that tells the state, in the language that is active."""
        raise NotImplementedError

    def news(self) -> tuple[dict[str, str], int] | None:
        """The frame for everybody in a room by language, and its version; None if all is usual."""
        is_relieved = time.monotonic() - self._changed_at_s < RELIEF_IS_NEWS_S
        if self.is_usual and not is_relieved:
            return None
        # Read before the text: a change in between is then told again instead of never.
        version, frames = self.changes, {}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                frames[language] = self.notice()
        return frames, version

    def _note_change(self) -> None:
        self._changed_at_s = time.monotonic()
        self.changes += 1
