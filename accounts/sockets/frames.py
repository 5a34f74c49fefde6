"""Frames that every socket knows: JSON text, and the error that answers a message."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from web.limits import FRAME_BYTES_MAX
from web.refusals import Refused


class Error(msgspec.Struct, kw_only=True, tag="error", tag_field="type"):
    """Server → client: a refusal; `re` is the id of the message it answers."""

    code: str
    message: str
    re: int | str | None
    detail: dict[str, Any] | UnsetType = UNSET


class _Named(msgspec.Struct):
    """The two fields by which a message that was not understood may still be named."""

    bet_id: str | None = None
    id: str | None = None


def encode(message: Any) -> str:
    """One frame's text."""
    return msgspec.json.encode(message).decode()


def error_frame(refused: Refused, re: int | str | None) -> str:
    """A refusal; `re` is the id of the message it answers."""
    error = Error(
        code=refused.code, message=str(refused.message), re=re, detail=refused.detail or UNSET
    )
    return encode(error)


def id_in(text: str) -> str | None:
    """The id in a message that was not understood, where it can be read."""
    try:
        named = msgspec.json.decode(text, type=_Named)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return named.bet_id or named.id


def is_too_large(message: str | bytes) -> bool:
    """Whether a message takes more than 4 KiB."""
    if isinstance(message, bytes) or len(message) > FRAME_BYTES_MAX:
        return len(message) > FRAME_BYTES_MAX
    return len(message.encode("utf-8", "surrogatepass")) > FRAME_BYTES_MAX
