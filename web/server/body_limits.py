"""No request may fill memory or disk: how large a body is, is known before anybody works on it."""

from collections.abc import Mapping

import msgspec

from web.asgi_types import Application, Event, Receive, Scope, Send
from web.limits import BODY_BYTES_MAX
from web.refusals import Refused


class BoundedBodies:
    """ASGI middleware: refuses bodies over 64 KiB, at best before a byte is read.

    A body that comes in chunks is read here, and goes on with its length. `wider` names paths
    whose clients know no limits and may send more; a client that goes beyond is hung up on.
    """

    def __init__(self, app: Application, wider: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._wider = dict(wider or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer too_large or malformed in the usual shape."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        wider = next((n for p, n in self._wider.items() if scope["path"].startswith(p)), None)
        try:
            _refuse(headers, wider or BODY_BYTES_MAX)
            if wider:
                receive = _counting(receive, wider)
            elif b"transfer-encoding" in headers:
                scope, receive = await _measured(scope, receive)
        except Refused as refused:
            await _answer(send, refused)
            return
        await self._app(scope, receive, send)


def _refuse(headers: dict[bytes, bytes], most: int) -> None:
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise Refused("malformed")
    if int(length) > most:
        raise Refused("too_large")


def _counting(receive: Receive, most: int) -> Receive:
    read = 0

    async def counted() -> Event:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > most else message

    return counted


async def _measured(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """Read a chunked body whole, at most 64 KiB, and hand it on as one whose length was told."""
    body = bytearray()
    last: Event = {"more_body": True}
    while last.get("more_body"):
        last = await receive()
        body += last.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise Refused("too_large")
    if last["type"] == "http.request":
        last = {"type": "http.request", "body": bytes(body)}
    told = (b"transfer-encoding", b"content-length")
    headers = [pair for pair in scope["headers"] if pair[0] not in told]
    headers.append((b"content-length", b"%d" % len(body)))
    waiting = [last]

    async def replayed() -> Event:
        return waiting.pop() if waiting else await receive()

    return {**scope, "headers": headers}, replayed


async def _answer(send: Send, refused: Refused) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    start = {"type": "http.response.start", "status": refused.status, "headers": headers}
    await send(start)
    body = msgspec.json.encode({"error": refused.as_json()})
    await send({"type": "http.response.body", "body": body})
