"""The socket over which a page reports where its user is: `/ws/locations/`.

A lean loop: no task per message, one call to the live Redis per fix, no SQL.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from accounts.handshake.turns import turns, user
from locations.fixes.fix import Source
from locations.fixes.plausibility import Verdict
from locations.live import atally, now_ms
from locations.messages import Ack, FixMessage, LocationMessage, Ping, Pong
from locations.open_sockets import Seat, attendance
from locations.reports import arecord
from web import limits
from web.close_codes import Close
from web.parsing import parse
from web.refusals import Refused

UNPARSABLE_MAX = 3
# So many fixes in a row before their time are no slip any more.
TOO_FAST_MAX = 100

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LocationConsumer:
    """One open socket of one user."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._unparsable = self._early = 0
        self._is_open = False
        self._messages = limits.bucket("messages")

    @classmethod
    def as_asgi(cls) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The application that `config/asgi.py` mounts."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await cls(scope, receive, send).run()

        return application

    async def run(self) -> None:
        """Serve the socket until either side has had enough."""
        await self._receive()
        await self._send({"type": "websocket.accept"})
        self._is_open = True
        if problem := self._scope.get("identity_problem"):
            return await self.close(Close.SIGN_IN, problem)
        visitor = self._scope["visitor"]
        seat = Seat(visitor.user_id, visitor.sign_in_id, self.close)
        await attendance().join(seat)
        try:
            await self._listen(visitor.user_id, seat.bucket)
        finally:
            attendance().part(seat)

    async def close(self, code: int, reason: str = "") -> None:
        """Close once; later calls do nothing."""
        if self._is_open:
            self._is_open = False
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _listen(self, user_id: int, bucket: limits.Bucket) -> None:
        while self._is_open:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._is_open = False
                return
            try:
                await self._hear(event, user_id, bucket)
            except Refused as refused:
                await atally([f"in.{refused.code}"])
                await self._tell({"type": "error", **refused.as_json(), "re": None})
                if refused.code == "malformed":
                    await self._not_understood()

    async def _hear(
        self, event: MutableMapping[str, Any], user_id: int, bucket: limits.Bucket
    ) -> None:
        if self._messages.take() is not None:
            return await self._send_away(user_id)
        text = event.get("text")
        frame = text.encode() if text is not None else event.get("bytes") or b""
        if len(frame) > limits.FRAME_BYTES_MAX:
            await atally(["in.too_large"])
            return await self.close(Close.TOO_BIG)
        if text is None:
            raise Refused("malformed")
        message: FixMessage | Ping = parse(text, LocationMessage)  # type: ignore[arg-type]
        if isinstance(message, Ping):
            return await self._tell(Pong(t=message.t, now_ms=now_ms()))
        await self._take(message, user_id, bucket)

    async def _take(self, message: FixMessage, user_id: int, bucket: limits.Bucket) -> None:
        if wait_s := bucket.take():
            await atally(["refused", "refused.too_fast"])
            self._early += 1
            if self._early > TOO_FAST_MAX:
                return await self._send_away(user_id)
            verdict, next_ms = Verdict("refused", "too_fast"), round(wait_s * 1000) + 1
        else:
            self._early = 0
            try:
                outcome = await arecord(user_id, [message.measured(Source.WEB)])
            except Refused as refused:
                await atally([f"in.{refused.code}"])
                return await self._tell({"type": "error", **refused.as_json(), "re": message.n})
            verdict, next_ms = outcome.verdicts[0], outcome.next_ms
        await self._tell(
            Ack(n=message.n, status=verdict.status, reason=verdict.reason, next_ms=next_ms)
        )

    async def _send_away(self, user_id: int) -> None:
        turns().hold(user(user_id))
        await self.close(Close.TOO_FAST)

    async def _not_understood(self) -> None:
        self._unparsable += 1
        if self._unparsable >= UNPARSABLE_MAX:
            await self.close(Close.NONSENSE)

    async def _tell(self, frame: Ack | Pong | dict[str, Any]) -> None:
        if self._is_open:
            await self._send(
                {"type": "websocket.send", "text": msgspec.json.encode(frame).decode()}
            )
