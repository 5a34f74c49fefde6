"""The socket over which a page reports where its user is: `/ws/locations/`.

One call to the live Redis per fix, no SQL.
"""

from typing import Any, ClassVar

from accounts.sockets.connection import Connection
from accounts.sockets.frames import encode
from accounts.sockets.registry import registry
from accounts.sockets.socket import Socket
from locations.fixes.fix import Source
from locations.fixes.plausibility import Verdict
from locations.live import atally
from locations.messages import (
    Ack,
    FixMessage,
    LocationEvent,
    LocationMessage,
    LocationPing,
    LocationPong,
)
from locations.reports import arecord
from web.close_codes import Close
from web.limits import LIMITS, Bucket
from web.times import now_ms

# After so many fixes in a row before their time the socket is closed.
TOO_FAST_MAX = 100


class LocationConsumer(Socket):
    """One open socket of one user."""

    inbound: ClassVar[Any] = LocationMessage
    outbound: ClassVar[Any] = LocationEvent

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        (rate,) = LIMITS["fixes"]
        self._fixes = Bucket(rate)
        self._early = 0

    def joined(self) -> None:
        """Share one rate with the user's other sockets in this process."""
        if others := registry().others(self):
            self._fixes = others[0]._fixes

    async def heard(self, message: FixMessage | LocationPing) -> None:
        """Take a fix and acknowledge it, or tell the time."""
        if isinstance(message, LocationPing):
            self.send(encode(LocationPong(t=message.t, now_ms=now_ms())))
        elif wait_s := self._fixes.take():
            await self._refuse_early(message.n, wait_s)
        else:
            self._early = 0
            result = await arecord(self.visitor.user_id, [message.measured(Source.WEB)])
            self._acknowledge(message.n, result.verdicts[0], result.next_ms)

    async def count_refusal(self, code: str) -> None:
        """Count the refusal where reports are counted."""
        await atally([f"in.{code}"])

    async def _refuse_early(self, n: int, wait_s: float) -> None:
        await atally(["refused", "refused.too_fast"])
        self._early += 1
        if self._early > TOO_FAST_MAX:
            self.shut(Close.TOO_FAST, "too fast")
        else:
            self._acknowledge(n, Verdict("refused", "too_fast"), round(wait_s * 1000) + 1)

    def _acknowledge(self, n: int, verdict: Verdict, next_ms: int) -> None:
        self.send(encode(Ack(n=n, status=verdict.status, reason=verdict.reason, next_ms=next_ms)))
