"""The web processes of all machines, as the live instance heard of them in the last seconds.

Each tells a print of its keys, so that machines with differing ones are noticed; a key cannot be
read from it. Their number says how many connections an engine must take.
"""

import hashlib
import json
import secrets
import threading
import time
from contextlib import suppress

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from betting.receipts import signing
from web.live import live_redis

KEY = "ringside:web"
TELL_EVERY_S, GONE_AFTER_S = 5.0, 20.0
PRINT_DIGITS = 12
# What a web process opens at most, and what clocks, commands and operators do together.
CONNECTIONS_MAX = {"bank": 4, "live": 17, "database": 4}
CONNECTIONS_OF_OTHERS = 20


def start() -> None:
    """Start the thread that tells of this process."""
    threading.Thread(target=_tell_on_and_on, name="web process", daemon=True).start()


def tell(process: str) -> None:
    """Tell of a process, and forget those that are gone. Raises LiveAway."""
    told, now_s = json.dumps({"process": process, **prints()}), time.time()
    live_redis.ask([
        ("ZADD", KEY, now_s, told),
        ("ZREMRANGEBYSCORE", KEY, "-inf", now_s - GONE_AFTER_S),
        ("EXPIRE", KEY, int(GONE_AFTER_S)),
    ])  # fmt: skip


def running() -> list[dict[str, str]]:
    """The prints of each web process by the names of settings. Raises LiveAway."""
    [found] = live_redis.ask([("ZRANGEBYSCORE", KEY, time.time() - GONE_AFTER_S, "+inf")])
    return [json.loads(each) for each in found]


def prints() -> dict[str, str]:
    """A print of each of this process's keys."""
    held = {
        "SECRET_KEY": settings.SECRET_KEY,
        "TOKEN_KEYS": sorted(settings.TOKEN_KEYS.items()),
        "RECEIPT_KEYS": sorted(signing.public_keys()),
    }
    return {
        name: hashlib.sha256(f"{name} {value}".encode()).hexdigest()[:PRINT_DIGITS]
        for name, value in held.items()
    }


def differing() -> list[str]:
    """The settings of keys that some web process holds otherwise than we. Raises LiveAway."""
    own, others = prints(), running()
    return [name for name in own if any(each.get(name) != own[name] for each in others)]


def differing_sentence(name: str) -> str:
    """What a setting that differs does to people."""
    return _(
        "Web processes hold differing %(name)s: what one of them signs another does not believe."
    ) % {"name": name}


def connections_sentence(engine: str, limit: int) -> str:
    """Why so many connections of an engine are too few, or "". Raises LiveAway."""
    count = len(running())
    needed = count * CONNECTIONS_MAX[engine] + CONNECTIONS_OF_OTHERS
    if not limit or needed <= limit:
        return ""
    return _(
        "It takes %(limit)d connections; %(count)d web processes may open %(needed)d of them."
    ) % {"limit": limit, "count": count, "needed": needed}


def database_sentence() -> str:
    """Why the database takes too few connections, or "". Raises LiveAway, DatabaseError."""
    if connection.vendor != "mysql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@max_connections")
        return connections_sentence("database", int(cursor.fetchone()[0]))


def _tell_on_and_on() -> None:
    process = secrets.token_hex(8)
    while True:
        with suppress(live_redis.LiveAway):
            tell(process)
        time.sleep(TELL_EVERY_S)
