"""Room codes: six characters that are not confused when they are read out."""

import secrets

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 6
_SIGNS = frozenset(ALPHABET)


def new_code() -> str:
    """A code that nobody can guess; the database says whether it is taken."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str | None:
    """A typed code in the one spelling we store; None when it cannot be one."""
    code = text.strip().upper()
    return code if len(code) == LENGTH and _SIGNS.issuperset(code) else None
