"""Everything that is kept of one user, as one JSON file that its owner may take away.

It is read and sent in pieces, so that no copy is ever whole in memory.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
from django.db.models import QuerySet

from accounts.models import User
from betting.actions.wallets import coins_of
from betting.models import Webhook
from betting.wire.past import history
from locations import api as locations
from locations import clock_steps, sharing
from locations.history import exporting
from locations.models import BetDecision
from rooms import chat
from rooms.models import RoomKey
from web.rows import replica
from web.threads import read_sql

ROWS_PER_PIECE = 500

Pages = Iterator[list[Any]]


async def stream(user: User) -> AsyncIterator[bytes]:
    """The pieces of `pieces`, each read in a thread for SQL. Raises Refused: busy."""
    copy = pieces(user)
    while (piece := await read_sql(next, copy, None)) is not None:
        yield piece


def pieces(user: User) -> Iterator[bytes]:
    """The file piece by piece; each costs one read of at most 500 rows. Raises LiveAway."""
    while chat.copy_chat():
        pass
    clock_steps.flush()
    history.catch_up(user.pk)
    yield b'{"account":' + msgspec.json.encode(_account(user))
    for name, pages in SECTIONS.items():
        yield f',\n"{name}":['.encode()
        is_first = True
        for rows in pages(user):
            encoded = b",\n".join(msgspec.json.encode(row) for row in rows)
            if encoded:
                yield encoded if is_first else b",\n" + encoded
                is_first = False
        yield b"]"
    yield b"}\n"


def _account(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "nickname": user.nickname,
        "email": user.email,
        "is_email_verified": user.is_email_verified,
        "is_guest": user.is_guest,
        "joined_at": user.joined_at,
        "wallets": coins_of(user.pk),
        "position": locations.own_position(user.pk),
        "devices": locations.own_devices(user.pk),
        "sharing": sharing.of(user.pk),
    }


def _rows(found: QuerySet[Any, Any]) -> Pages:
    """Rows in the order of their numbers, which are the first of their columns."""
    after = None
    while rows := replica.read(list, _after(found, after)[:ROWS_PER_PIECE]):
        after = rows[-1]["pk"]
        yield [
            {name.removeprefix("room__"): row[name] for name in row if name != "pk"} for row in rows
        ]


def _after(found: QuerySet[Any, Any], after: Any) -> QuerySet[Any, Any]:
    ordered = found.order_by("pk")
    return ordered if after is None else ordered.filter(pk__gt=after)


def _sign_ins(user: User) -> Pages:
    return _rows(
        user.sign_ins.values(
            "pk", "created_at", "seen_at", "ended_at_ms", "ended_why", "address", "user_agent"
        )
    )


def _rooms(user: User) -> Pages:
    return _rows(
        user.memberships.values(
            "pk", "room__code", "room__title", "shown_as", "role", "state", "entered_at_ms"
        )
    )


def _chat(user: User) -> Pages:
    return _rows(user.chat_lines.values("pk", "room__code", "text", "at_ms"))


def _decisions(user: User) -> Pages:
    kept = BetDecision.objects.filter(user_id=user.pk)
    return _rows(
        kept.values(
            "pk", "bet_id", "market_id", "at_ms", "proof", "where", "accuracy_m", "away_m", "age_ms"
        )
    )


def _keys(user: User) -> Pages:
    kept = RoomKey.objects.filter(by=user)
    return _rows(
        kept.values(
            "pk", "room__code", "name", "rights", "made_at_ms", "expires_at_ms", "ended_at_ms"
        )
    )


def _webhooks(user: User) -> Pages:
    kept = Webhook.objects.filter(by=user)
    return _rows(kept.values("pk", "room__code", "url", "made_at_ms", "ended_at_ms"))


def _positions(user: User) -> Pages:
    after_ms = 0
    while fixes := replica.read(exporting.after, user.pk, after_ms, ROWS_PER_PIECE):
        after_ms = fixes[-1].fix_ms
        yield fixes


def _listed(read: Callable[[int, int | None], history.Page[Any]]) -> Callable[[User], Pages]:
    """The pages of a list of the ledger, newest first."""

    def pages(user: User) -> Pages:
        before: int | None = None
        while True:
            page = replica.read(read, user.pk, before)
            yield page.results
            if not (before := page.before):
                return

    return pages


SECTIONS: dict[str, Callable[[User], Pages]] = {
    "sign_ins": _sign_ins,
    "rooms": _rooms,
    "chat": _chat,
    "keys": _keys,
    "webhooks": _webhooks,
    "bets": _listed(history.bets),
    "ledger": _listed(history.movements),
    "bet_decisions": _decisions,
    "positions": _positions,
}
