"""The places where apps put the token of their device: address, password, user name, body.

A token is known by its shape, so it does not matter what stands around it.
"""

import base64
import binascii
import re
from urllib.parse import unquote

TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])", re.IGNORECASE)
TOKENS_MAX = 4


def of_request(path: str, query: str, authorization: str) -> str:
    """The texts beside the body that may hold a token; the address first."""
    return " ".join([path, unquote(query), authorization, *_credentials(authorization)])


def _credentials(header: str) -> list[str]:
    """Password and name of Basic credentials, written by whatever library; the password first."""
    coded = header.strip().partition(" ")[2].strip().translate(str.maketrans("-_", "+/"))
    try:
        decoded = base64.b64decode(coded.rstrip("=") + "==").decode("latin-1")
    except (binascii.Error, ValueError):
        return []
    name, _colon, password = decoded.partition(":")
    return [password, name]


def tokens_in(text: str) -> list[str]:
    """The texts that look like a token, each once and in order; four at most."""
    found = (token.lower() for token in TOKEN.findall(text))
    return list(dict.fromkeys(found))[:TOKENS_MAX]
