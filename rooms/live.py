"""What rooms keep in the live Redis: presence, the tail of the chat, and the fan-out's channels.

All of it may be lost: presence comes back within 20 seconds, chat is in SQL too. Every call names
its keys, which are spelled here only. Functions that send raise LiveAway.
"""

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from web.live.live_redis import Command, LiveAway, aask, afcall, ask
from web.rows import set_aside

__all__ = ["Command", "LiveAway", "aask", "ask"]

HERE_S = 60
# A member who is away for longer gives the place in a full room back.
PLACE_KEPT_S = 600
TAIL_LINES = 100
UNCOPIED_LINES_MAX = 20_000
# The tail of a room where nobody speaks any more expires; SQL keeps the lines.
TAIL_TTL_S = 7 * 86_400
SOCKETS_TTL_S = 86_400
UNCOPIED = "rooms:uncopied"
DECISIONS = "rooms:decisions"
DECISIONS_MAX = 100_000
_LIBRARY = Path(__file__).with_name("live.lua")


# --- Presence: one sorted set a room, user -> time of the last sign of life


def _presence(room_id: int) -> str:
    return f"rooms:{{{room_id}}}:here"


def renew(room_id: int, user_ids: Iterable[int], now_s: float) -> list[Command]:
    """Note that these users are here now; a user not renewed for ten minutes is removed."""
    marks = [part for user_id in user_ids for part in (now_s, user_id)]
    key = _presence(room_id)
    return [
        ("ZADD", key, *marks),
        ("ZREMRANGEBYSCORE", key, "-inf", now_s - PLACE_KEPT_S),
        ("EXPIRE", key, PLACE_KEPT_S),
    ]


def forget_here(room_id: int, user_id: int) -> None:
    """Note that this user is no longer here; without the live instance a minute does it."""
    with contextlib.suppress(LiveAway):
        ask([("ZREM", _presence(room_id), user_id)])


def count_here(room_ids: Iterable[int], now_s: float) -> list[Command]:
    """The users renewed in the last minute, one number for each room."""
    return [("ZCOUNT", _presence(room_id), now_s - HERE_S, "+inf") for room_id in room_ids]


def seen_since(room_id: int, since_s: float) -> set[int]:
    """The users renewed in a room since then, ten minutes at most. Raises LiveAway."""
    [user_ids] = ask([("ZRANGEBYSCORE", _presence(room_id), since_s, "+inf")])
    return {int(user_id) for user_id in user_ids}


def last_sign(room_id: int, user_id: int) -> Command:
    """The time of a user's last renewal in a room, in seconds; None when not lately."""
    return ("ZSCORE", _presence(room_id), user_id)


def last_signs(memberships: Sequence[tuple[int, int]]) -> list[float]:
    """The time of the last renewal of each (room, user), 0 where not lately. Raises LiveAway."""
    heard = ask([last_sign(room_id, user_id) for room_id, user_id in memberships])
    return [float(at_s or 0) for at_s in heard]


def here(room_ids: Sequence[int]) -> dict[int, int]:
    """How many people are in each room; 0 in all while the live instance is away."""
    if not room_ids:
        return {}
    try:
        counts = ask(count_here(room_ids, time.time()))
    except LiveAway:
        return dict.fromkeys(room_ids, 0)
    return dict(zip(room_ids, counts, strict=True))


def who_is_here(memberships: Sequence[tuple[int, int]], now_s: float) -> set[int]:
    """The users of these (room, user) who were renewed in the last minute. Raises LiveAway."""
    signs = zip(memberships, last_signs(memberships), strict=True)
    return {user_id for (_room_id, user_id), at_s in signs if at_s > now_s - HERE_S}


# --- Sockets of one user in one room, over all processes


def _sockets(room_id: int, user_id: int) -> str:
    return f"rooms:{{{room_id}}}:sockets:{user_id}"


async def add_sockets(
    room_id: int, sockets: Sequence[tuple[int, str, float]], keep: int
) -> dict[int, list[str]]:
    """Note sockets (user, socket, since when) of a room and keep a user's newest.

    Returns those that were too many, by user. Raises LiveAway.
    """
    keys = [_sockets(room_id, user_id) for user_id, _socket, _since_s in sockets]
    args: list[Any] = [SOCKETS_TTL_S, keep]
    for _user_id, socket, since_s in sockets:
        args += (since_s, socket)
    dropped: dict[int, list[str]] = {}
    for number, *ids in await afcall(_LIBRARY, "add_sockets_v1", keys, args):
        user_id, *_ = sockets[number - 1]
        dropped.setdefault(user_id, []).extend(each.decode() for each in ids)
    return dropped


def drop_sockets(sockets: Iterable[tuple[int, int, str]]) -> list[Command]:
    """Note that these sockets (room, user, socket) are closed."""
    return [("ZREM", _sockets(room_id, user_id), socket) for room_id, user_id, socket in sockets]


# --- Chat: a tail a room for those who come in, and what the clock has not copied yet


def _tail(room_id: int) -> str:
    return f"rooms:{{{room_id}}}:chat"


def say(room_id: int, frame: str) -> list[Command]:
    """Keep a chat frame in the room's tail of 100 and for the clock to copy."""
    return [
        ("LPUSH", _tail(room_id), frame),
        ("LTRIM", _tail(room_id), 0, TAIL_LINES - 1),
        ("EXPIRE", _tail(room_id), TAIL_TTL_S),
        ("XADD", UNCOPIED, "MAXLEN", "~", UNCOPIED_LINES_MAX, "*", "room", room_id, "frame", frame),
    ]


def tail(room_id: int, count: int) -> list[Command]:
    """The last chat frames of a room, newest first."""
    return [("LRANGE", _tail(room_id), 0, count - 1)]


def take_out(room_id: int, frames: Iterable[str]) -> list[Command]:
    """Take chat frames out of the tail of a room."""
    return [("LREM", _tail(room_id), 0, frame) for frame in frames]


def take_turn(room_id: int, user_id: int, every_ms: int) -> list[Command]:
    """Take a user's turn in a slow chat: None where it is too early, and the ms until the next."""
    key = f"rooms:{{{room_id}}}:turn:{user_id}"
    return [("SET", key, 1, "NX", "PX", every_ms), ("PTTL", key)]


def uncopied(count: int) -> list[tuple[str, dict[str, str]]]:
    """The oldest lines that are not known to be in SQL: entry id and fields."""
    entries: list[tuple[str, dict[str, str]]]
    [entries] = ask([("XRANGE", UNCOPIED, "-", "+", "COUNT", count)])
    return entries


def set_line_aside(fields: Mapping[str, str], error: Exception, user_id: int = 0) -> None:
    """Set a line aside that cannot be read or written."""
    set_aside.put("chat", error, user_id=user_id, queue=UNCOPIED, fields=fields)


def forget_uncopied(entries: Sequence[str]) -> None:
    """Remove these entries, which are in SQL now."""
    ask([("XDEL", UNCOPIED, *entries)])


# --- Rooms with a place: who is inside, as the app above found out


def _inside(room_id: int, user_id: int) -> str:
    return f"rooms:{{{room_id}}}:inside:{user_id}"


def _code_given(room_id: int, user_id: int) -> str:
    return f"rooms:{{{room_id}}}:code:{user_id}"


def set_inside(room_id: int, user_id: int, mark: str, ttl_s: int) -> list[Command]:
    """Keep the mark of one user and one room until it expires."""
    return [("SET", _inside(room_id, user_id), mark, "EX", ttl_s)]


def set_code_given(room_id: int, user_id: int, at_ms: int, ttl_s: int) -> list[Command]:
    """Keep the time at which this user gave the code of the screen."""
    return [("SET", _code_given(room_id, user_id), at_ms, "EX", ttl_s)]


def inside(room_id: int, user_id: int) -> list[Command]:
    """The mark of one user and the time of the code; one list of the two."""
    return [("MGET", _inside(room_id, user_id), _code_given(room_id, user_id))]


def add_decision(decision: str) -> list[Command]:
    """Keep a decision about a bet until the clock has copied it to SQL."""
    return [("XADD", DECISIONS, "MAXLEN", "~", DECISIONS_MAX, "*", "decision", decision)]


def decisions(count: int) -> list[tuple[str, str]]:
    """The oldest decisions that are not known to be in SQL: entry id and text."""
    [entries] = ask([("XRANGE", DECISIONS, "-", "+", "COUNT", count)])
    return [(entry, fields["decision"]) for entry, fields in entries]


def set_decision_aside(text: str, error: Exception, user_id: int = 0) -> None:
    """Set a decision aside that cannot be read or written."""
    fields = {"decision": text}
    set_aside.put("decision", error, user_id=user_id, queue=DECISIONS, fields=fields)


def forget_decisions(entries: Sequence[str]) -> None:
    """Remove these entries, which are in SQL now."""
    ask([("XDEL", DECISIONS, *entries)])


def forget_inside(room_id: int, user_id: int) -> list[Command]:
    """Forget the marks and the code of this user."""
    return [("DEL", _inside(room_id, user_id), _code_given(room_id, user_id))]


# --- The channel layer


def publish(group: str, message: dict[str, Any]) -> None:
    """Send a message to a group of the channel layer without an event loop."""
    ask([("PUBLISH", _channel(group), get_channel_layer().serialize(message))])


async def acount_followers(groups: Sequence[str]) -> list[int]:
    """How many processes receive the messages of each group. Raises LiveAway."""
    [told] = await aask([("PUBSUB", "NUMSUB", *map(_channel, groups))])
    return [int(count) for count in told[1::2]]


def _channel(group: str) -> str:
    """The pub/sub layer names a group's Redis channel after its prefix; a test checks the name."""
    config: Any = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    return f"{config['prefix']}__group__{group}"
