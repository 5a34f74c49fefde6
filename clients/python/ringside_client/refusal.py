"""What the server refuses, and what it could not be asked."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Refused(Exception):
    """The server did not do it; programs read `code`, people `message`.

    `status` is that of HTTP, 0 on a socket and where no answer came. `retry_after_s` is how long
    the server asks to wait, 0 where it does not say.
    """

    def __init__(
        self, code: str, message: str = "", *, status: int = 0,
        detail: dict[str, Any] | None = None, retry_after_s: float = 0,
    ) -> None:  # fmt: skip
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.detail = detail or {}
        self.retry_after_s = retry_after_s

    @property
    def is_passing(self) -> bool:
        """Whether nothing was taken, and the same may be taken later."""
        return self.code in ("too_fast", "busy")

    @property
    def is_unknown(self) -> bool:
        """Whether the server may have done it all the same."""
        return self.code == "unavailable"


# Of a handshake, whose refusal is a status and a sentence.
_OF_STATUS = {401: "sign_in", 403: "forbidden", 404: "not_found", 410: "room_ended"}


class _Told(msgspec.Struct):
    code: str
    message: str = ""
    detail: dict[str, Any] = {}


class _Refusal(msgspec.Struct):
    error: _Told


def refusal_in(status: int, body: bytes | bytearray, headers: Mapping[str, str]) -> Refused:
    """The refusal that an answer tells; where a proxy answered, a code by the status alone."""
    try:
        told = msgspec.json.decode(body, type=_Refusal).error
    except msgspec.MsgspecError:
        told = _Told("unavailable" if status >= 500 else f"http_{status}")
    after = headers.get("Retry-After", "")
    return Refused(
        told.code, told.message, status=status, detail=told.detail,
        retry_after_s=float(after) if after.isdecimal() else 0,
    )  # fmt: skip


def handshake_refusal(status: int, body: bytes | bytearray, kind: str) -> Refused:
    """The refusal of a handshake; the sentence of its body where `kind` says that it is one."""
    code = _OF_STATUS.get(status, f"http_{status}")
    message = body.decode(errors="replace") if kind.startswith("text/plain") else ""
    return Refused(code, message, status=status)
