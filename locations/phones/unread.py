"""The reasons why a phone's report could not be read; they are counted and shown to its owner."""

from typing import Literal

Reason = Literal["no_time", "no_place", "malformed", "encrypted", "too_large", "too_many"]


class Unread(Exception):
    """A report without a place or a time that can be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
