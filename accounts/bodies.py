"""No request may fill memory or disk: the size of a body is judged before a byte of it is read."""

from collections.abc import Mapping
from typing import Any

import msgspec

from accounts.limits import BODY_BYTES_MAX
from accounts.refusals import Refused


class BoundedBodies:
    """ASGI middleware for the roof: refuses bodies over 64 KiB, and those that hide their size.

    `wider` names paths whose clients know no limits and may send more, also without saying how
    much; who goes beyond that is hung up on.
    """

    def __init__(self, app: Any, wider: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._wider = dict(wider or {})

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on, or answer too_large or malformed in the usual shape."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wider = next((n for p, n in self._wider.items() if scope["path"].startswith(p)), None)
        refused = _refused(dict(scope["headers"]), wider)
        if refused is None:
            await self._app(scope, _counting(receive, wider) if wider else receive, send)
        else:
            await _answer(send, refused)


def _refused(headers: dict[bytes, bytes], wider: int | None) -> Refused | None:
    if b"transfer-encoding" in headers and wider is None:
        return Refused("malformed", "Send a Content-Length with a body.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return Refused("malformed")
    return Refused("too_large") if int(length) > (wider or BODY_BYTES_MAX) else None


def _counting(receive: Any, most: int) -> Any:
    read = 0

    async def counted() -> dict[str, Any]:
        nonlocal read
        message: dict[str, Any] = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > most else message

    return counted


async def _answer(send: Any, refused: Refused) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    start = {"type": "http.response.start", "status": refused.status, "headers": headers}
    await send(start)
    body = msgspec.json.encode({"error": refused.as_json()})
    await send({"type": "http.response.body", "body": body})
