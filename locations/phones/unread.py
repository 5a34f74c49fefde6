"""Why a report of a phone could not be read; the words are counted and told to its owner."""

from typing import Literal

Reason = Literal["no_time", "no_place", "malformed", "encrypted", "too_large", "too_many"]


class Unread(Exception):
    """A report without a place or a time that can be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
