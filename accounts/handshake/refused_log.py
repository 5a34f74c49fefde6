"""The last handshakes that were refused, kept for operators. Never a token, ticket or cookie."""

import logging

import msgspec

from web import limits
from web.asgi_types import Scope
from web.live import live_redis
from web.refusals import Refused
from web.threads import read_sql
from web.times import now_ms

KEY = "handshakes:refused"
_KEPT = 100
_TEXT_MAX = 200
# Every page that comes back after five minutes meets this once and refreshes by itself.
_ORDINARY = "expired"
# A storm of refusals is told by a few of them.
_recorded = limits.Bucket(limits.Rate(per_s=5, burst=20))

_log = logging.getLogger(__name__)


class RefusedHandshake(msgspec.Struct, frozen=True):
    """One refused handshake."""

    at_ms: int
    why: str
    origin: str
    path: str
    address: str
    browser: str


async def remember(why: str, scope: Scope, origin: str) -> None:
    """Keep one refusal; while the live instance is away only the log has it."""
    _log.info("handshake refused: %s; Origin %s", why[:_TEXT_MAX], origin[:_TEXT_MAX] or "absent")
    if why == _ORDINARY or _recorded.take() is not None:
        return
    headers = dict(scope["headers"])
    client = scope.get("client") or ("", 0)
    entry = RefusedHandshake(
        at_ms=now_ms(),
        why=why[:_TEXT_MAX],
        origin=origin[:_TEXT_MAX],
        path=str(scope.get("path", ""))[:_TEXT_MAX],
        address=client[0],
        browser=headers.get(b"user-agent", b"").decode("latin-1")[:_TEXT_MAX],
    )
    try:
        await read_sql(_keep, entry)
    except (live_redis.LiveAway, Refused):
        return


def _keep(entry: RefusedHandshake) -> None:
    live_redis.ask([("LPUSH", KEY, msgspec.json.encode(entry)), ("LTRIM", KEY, 0, _KEPT - 1)])


def latest() -> list[RefusedHandshake]:
    """The last hundred, newest first; none while the live instance is away."""
    try:
        [kept] = live_redis.ask([("LRANGE", KEY, 0, _KEPT - 1)])
    except live_redis.LiveAway:
        return []
    return [msgspec.json.decode(each, type=RefusedHandshake) for each in kept]
