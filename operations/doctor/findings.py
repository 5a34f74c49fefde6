"""What the doctor says: one plain sentence, and the exact words that mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about one instance that an operator should change.

    `word` names the rule and stays the same for ever; `mend` is a command for that instance, or
    one of ours. With `is_dangerous` coins could be lost: the gate stays shut and Ringside does
    not start.
    """

    instance: str
    word: str
    sentence: str
    mend: str
    is_dangerous: bool = False
