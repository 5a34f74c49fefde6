"""States of a primary that rooms are told of, by every process to its own sockets.

A room hears of the primary that has its club. What happens to another one is nothing to it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

from django.conf import settings
from django.utils import translation

from betting.bank.connections import Primary, known_primary_of
from betting.bank.routing import ALONE

# A state is read by every process for itself, at most this often.
READ_EVERY_S = 1.0
# Only people who were in the room meanwhile need to hear that it is over.
TELL_RECOVERY_FOR_S = 10.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """A frame for everybody in a room, by language, and the version of the state it tells."""

    texts: dict[str, str]
    version: int


# Of all states together: a club that moves to another primary hears nothing older from there.
_changes = count(1)


class AnnouncedState:
    """A state of a primary as this process knows it; `changes` rises with each change."""

    # A reader keeps the newest notice of a slot only.
    slot = ""

    def __init__(self, primary: str = ALONE) -> None:
        self.primary = Primary(primary)
        self.changes = 0
        self._changed_at_s = float("-inf")
        self._read_at_s = float("-inf")

    @property
    def is_normal(self) -> bool:
        """Whether there is nothing to tell."""
        raise NotImplementedError

    async def aprobe(self) -> object:
        """Read the state when the last reading is older than READ_EVERY_S."""
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
        self.changes = next(_changes)


S = TypeVar("S", bound=AnnouncedState)


class OfPrimaries(Generic[S]):
    """One state for each primary of a Cluster, made when it is first asked for."""

    def __init__(self, make: Callable[[str], S]) -> None:
        self._make = make
        self._states: dict[str, S] = {}

    def of(self, club_id: int, alone: S) -> S:
        """The state of the primary that has a club, as far as is known; `alone` without Cluster."""
        name = known_primary_of(club_id)
        if name in ("", ALONE):
            return alone
        return self._states.setdefault(name, self._make(name))
