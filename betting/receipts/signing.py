"""The keys that sign receipts: Ed25519, one secret line each, the first signs, all verify.

They are apart from all other secrets: a receipt outlives the sign-in and the key of the day.
"""

import base64
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SEED_BYTES = 32
KEY_ID_DIGITS = 16


def make_key(*, again: bool = False) -> bool:
    """Make the key of a new data folder; with `again` one more, which signs from now on.

    Returns False where there is one already, or the keys stand in the settings.
    """
    path = _path()
    kept = path.read_text() if path.exists() else ""
    if settings.RECEIPT_KEYS or (kept and not again):
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_hex(SEED_BYTES)}\n{kept}")
        if again:
            draft.replace(path)
        else:
            # Of two commands at once the first one's key stays.
            with suppress(FileExistsError):
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def public_keys() -> dict[str, str]:
    """The public keys by id, in base64; the one that signs comes first."""
    return {key_id: _in_base64(_raw(key.public_key())) for key_id, key in _keys().items()}


def sign(fields: dict[str, Any]) -> dict[str, str] | None:
    """The id of the key and the signature for the fields of a receipt; None without a key."""
    for key_id, key in _keys().items():
        return {"key": key_id, "signature": _in_base64(key.sign(signed_text(fields)))}
    return None


def is_signed(fields: dict[str, Any], key_id: str, signature: str) -> bool:
    """Whether one of the house's keys signed these fields."""
    key = _keys().get(key_id)
    try:
        if key is not None:
            raw = base64.b64decode(signature, validate=True)
            key.public_key().verify(raw, signed_text(fields))
    except (InvalidSignature, ValueError):
        return False
    return key is not None


def signed_text(fields: dict[str, Any]) -> bytes:
    """What is signed: the fields as JSON, sorted by name, without blanks."""
    return msgspec.json.encode(fields, order="sorted")


def _keys() -> dict[str, Ed25519PrivateKey]:
    # Read each time: a key may be added while processes run, and this is seldom asked.
    seeds = settings.RECEIPT_KEYS
    if not seeds and _path().exists():
        seeds = _path().read_text().split()
    try:
        keys = [Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)) for seed in seeds]
    except ValueError as error:
        raise ImproperlyConfigured("RECEIPT_KEYS must be seeds of 64 hex digits.") from error
    return {_id_of(key.public_key()): key for key in keys}


def _path() -> Path:
    return Path(settings.DATA_DIR) / "receipt-keys"


def _id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(_raw(key)).hexdigest()[:KEY_ID_DIGITS]


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes_raw()


def _in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
