"""No request may fill memory or disk: the size of a body is judged before a byte of it is read."""

from typing import Any

import msgspec

from accounts.limits import BODY_BYTES_MAX
from accounts.refusals import Refused


class BoundedBodies:
    """ASGI middleware for the roof: refuses bodies over 64 KiB, and those that hide their size."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on, or answer too_large or malformed in the usual shape."""
        refused = _refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        start = {"type": "http.response.start", "status": refused.status, "headers": headers}
        await send(start)
        body = msgspec.json.encode({"error": refused.as_json()})
        await send({"type": "http.response.body", "body": body})


def _refused(scope: dict[str, Any]) -> Refused | None:
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return Refused("malformed", "Send a Content-Length with a body.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return Refused("malformed")
    return Refused("too_large") if int(length) > BODY_BYTES_MAX else None
