"""Channels as its tutorial has it: AuthMiddlewareStack, AsyncWebsocketConsumer, group_send.

uvicorn serves `application`. The one thing of ours is the bank's Function that decides a bet, which
is called through redis-py. As a program it makes COUNT users with a session each and prints the
sessions' keys.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django
import redis.asyncio
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

TICK_S = 0.25
CLUB = "{c1}"

settings.configure(
    SECRET_KEY="bench" * 10,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "channels",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["PEER_FOLDER"]) / "stock.sqlite3",
        }
    },
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_LIVE_URL"]]},
        }
    },
    ROOT_URLCONF=__name__,
)  # fmt: skip
django.setup()
urlpatterns: list[Any] = []

# Without a limit hundreds of clients open a connection each, and many are refused.
pool = redis.asyncio.BlockingConnectionPool.from_url(
    os.environ["REDIS_BANK_URL"], max_connections=32, timeout=60, decode_responses=True
)
bank = redis.asyncio.Redis(connection_pool=pool)
changed: dict[int, tuple[str, list[str]]] = {}
ticking: set[asyncio.Task[None]] = set()


class Room(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close()
            return
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(f"room-{self.room}", self.channel_name)
        await self.accept()
        if not ticking:
            ticking.add(asyncio.create_task(tick(self.channel_layer)))

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "room"):
            await self.channel_layer.group_discard(f"room-{self.room}", self.channel_name)

    async def receive(self, text_data: str = "", bytes_data: bytes | None = None) -> None:
        message = json.loads(text_data)
        if message["type"] == "bet.place":
            await self.place(message)
        elif message["type"] == "chat.say":
            named = {"id": str(time.time_ns()), "user": self.user.pk, "name": self.user.username}
            line = {"type": "chat", **named, "text": message["text"], "at_ms": now_ms()}
            await self.channel_layer.group_send(
                f"room-{self.room}", {"type": "tell", "frame": line}
            )
        elif message["type"] == "hello":
            coins = int(await bank.hget(f"{CLUB}:wallets", str(self.user.pk)) or 0)
            await self.say({"type": "welcome", "coins": coins, "now_ms": now_ms()})

    async def place(self, bet: dict[str, Any]) -> None:
        market = bet["market"]
        keys = [f"{CLUB}:{name}" for name in ("head", "wallets", "journal")]
        keys += [f"{CLUB}:m:{market}{name}" for name in ("", ":positions", ":bets")]
        reply = await bank.fcall(
            os.environ["PLACE_BETS"], 6, *keys, self.room, market, self.user.pk, bet["bet_id"],
            bet["outcome"], bet["stake"], now_ms() + 5_000, "",
        )  # fmt: skip
        answer = reply[2][0]
        named = {"bet_id": bet["bet_id"], "market": market}
        if answer[0] != "accepted":
            await self.say({"type": "bet.refused", **named, "code": answer[1]})
            return
        names = ("outcome", "stake", "epoch", "seq", "at_ms", "coins", "position")
        figures = dict(zip(names, map(int, answer[1:8]), strict=True))
        await self.say({"type": "bet.accepted", **named, **figures, "chain": answer[9]})
        changed[market] = (self.room, reply[3])

    async def tell(self, event: dict[str, Any]) -> None:
        await self.say(event["frame"])

    async def say(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message, separators=(",", ":")))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def tick(layer: Any) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        for market, (room, flat) in changed.items():
            frame = pools(market, dict(zip(flat[::2], flat[1::2], strict=True)))
            await layer.group_send(f"room-{room}", {"type": "tell", "frame": frame})
        changed.clear()


def pools(market: int, held: dict[str, str]) -> dict[str, Any]:
    outcomes = [
        {"id": int(name[5:]), "pool": int(coins), "bettors": int(held[f"heads:{name[5:]}"])}
        for name, coins in held.items()
        if name.startswith("pool:")
    ]
    return {"type": "pools", "market": market, "version": int(held["version"]),
            "bettors": int(held["bettors"]), "outcomes": outcomes, "now_ms": now_ms()}  # fmt: skip


def make_users(count: int) -> None:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create(
        User(pk=number, username=f"P{number}", password="!") for number in range(1, count + 1)
    )
    store, sessions = SessionStore(), []
    for user in users:
        signed_in = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        sessions.append(
            Session(
                session_key=f"{user.pk:032d}",
                session_data=store.encode(signed_in),
                expire_date=timezone.now() + timezone.timedelta(days=1),
            )  # fmt: skip
        )
    Session.objects.bulk_create(sessions)
    print(json.dumps([session.session_key for session in sessions]))


if __name__ == "__main__":
    make_users(int(sys.argv[1]))
else:
    application = ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AuthMiddlewareStack(URLRouter([path("ws/rooms/<room>/", Room.as_asgi())])),
        }
    )
