"""Tickets: how a page of another site opens a socket. 128 bits, 30 seconds, used once.

Kept on the live instance by their hash, never in a URL, never echoed, never logged.
"""

import hashlib
import secrets
from dataclasses import dataclass

import msgspec

from web.live import live_redis
from web.refusals import Refused

LIFETIME_S = 30
_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a ticket stands for."""

    user_id: int
    sign_in_id: str
    origin: str


def issue(ticket: Ticket) -> str:
    """Make a ticket for this user, sign-in and Origin (empty: none was sent).

    Raises Refused: unavailable, while the live instance is away.
    """
    text = secrets.token_urlsafe(_BYTES)
    try:
        live_redis.ask([("SET", _key(text), msgspec.json.encode(ticket), "EX", LIFETIME_S)])
    except live_redis.LiveAway:
        raise Refused("unavailable", retry_after_s=2) from None
    return text


def redeem(text: str, origin: str) -> Ticket | None:
    """Use a ticket up; returns None when it is unknown, used, expired or of another Origin.

    Read and removed in one step: of many at once one succeeds. Raises LiveAway.
    """
    [kept] = live_redis.ask([("GETDEL", _key(text))])
    if not kept:
        return None
    ticket = msgspec.json.decode(kept, type=Ticket)
    return ticket if ticket.origin == origin else None


def _key(text: str) -> str:
    return f"ticket:{hashlib.sha256(text.encode()).hexdigest()}"
