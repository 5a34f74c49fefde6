"""Room codes: six characters that are not confused when they are read out."""

import re
import secrets
import unicodedata

from web import limits

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 6
_SIGNS = frozenset(ALPHABET)
# Blanks and dashes as keyboards have them, and what chat apps set around a text unseen.
_BETWEEN = re.compile(
    r"[\s\-\u2010-\u2015\u2212\u30fc\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)


def new_code() -> str:
    """A code that nobody can guess; the database says whether it is taken."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str | None:
    """A typed code in the one spelling we store; None when it cannot be one.

    Full-width letters, blanks, dashes and small letters are read as people mean them.
    """
    return read_signs(text, LENGTH)


def read_signs(text: str, length: int) -> str | None:
    """A typed text of so many of our signs, as `read_code`."""
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return code if len(code) == length and _SIGNS.issuperset(code) else None


def give_back_tries(room_id: int, address: str) -> None:
    """Give an address back what look-ups of a room's code cost it: somebody joined by them.

    So a bar behind one address is not kept out by its own right codes.
    """
    limits.give_back("code_misses", address, claim=room_id)
