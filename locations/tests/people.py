"""People for the stories of these tests, and a socket without a server."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.test import APIClient

from accounts.handshake.middleware import Visitor
from accounts.models import SignIn, User
from locations.fixes.fix import Measured, Source
from rooms import access
from rooms.models import Club, Room
from rooms.places import METRES_PER_DEGREE
from web import times

SPOT = (37.5665, 126.978)
# In degrees, from south to north.
METRE = 1 / METRES_PER_DEGREE


@cache
def engine() -> redis.Redis:
    """The live instance as it is, without the program between."""
    return redis.Redis.from_url(settings.REDIS_LIVE_URL)


def somebody(nickname: str = "Alice") -> User:
    """A new guest."""
    return User.objects.create_user(nickname)


def browser(user: User) -> APIClient:
    """An HTTP client that is signed in as this user."""
    client = APIClient()
    client.force_authenticate(user, SignIn.objects.create(user=user))
    return client


def hall(**more: Any) -> Room:
    """A live room with a place of 100 m round the spot, and a host of its own."""
    club, _ = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    fields = {"place_lat": SPOT[0], "place_lon": SPOT[1], "place_radius_m": 100, **more}
    host = somebody("Host")
    room = Room.objects.create(code="HAQQ22", title="Hall", club=club, host=host, **fields)
    access.enter(host, room)
    return room


def visitor(user: User) -> Visitor:
    """What the handshake would say of this user."""
    sign_in = SignIn.objects.create(user=user)
    return Visitor(
        user_id=user.pk,
        nickname=user.nickname,
        sign_in_id=str(sign_in.pk),
        expires_at_ms=times.now_ms() + 300_000,
    )


def wire_fix(fix_ms: int, lat: float = SPOT[0], lon: float = SPOT[1], **more: Any) -> dict:
    """A fix as a client sends it over HTTP."""
    return {"fix_ms": fix_ms, "lat": lat, "lon": lon, "accuracy_m": 8, **more}


def measured(fix_ms: int, lat: float = SPOT[0], lon: float = SPOT[1], **more: Any) -> Measured:
    """A fix as the edge of the house understood it."""
    return Measured(source=Source.API, fix_ms=fix_ms, lat=lat, lon=lon, **more)


@dataclass
class Line:
    """A socket to an ASGI application, without a server in between."""

    incoming: asyncio.Queue
    outgoing: asyncio.Queue
    task: asyncio.Task

    @classmethod
    async def open(cls, application: Callable, scope: dict[str, Any], unread: int = 0) -> "Line":
        """Connect and wait for the accept; only so many events may wait unread, 0 is any."""
        incoming: asyncio.Queue = asyncio.Queue()
        outgoing: asyncio.Queue = asyncio.Queue(unread)
        task = asyncio.ensure_future(
            application({"type": "websocket", **scope}, incoming.get, outgoing.put)
        )
        line = cls(incoming, outgoing, task)
        await incoming.put({"type": "websocket.connect"})
        assert (await line.heard())["type"] == "websocket.accept"
        return line

    async def say(self, message: Any) -> None:
        """Send a message: text as it is, bytes as a binary frame, anything else as JSON."""
        if isinstance(message, bytes):
            await self.incoming.put({"type": "websocket.receive", "bytes": message, "text": None})
            return
        text = message if isinstance(message, str) else json.dumps(message)
        await self.incoming.put({"type": "websocket.receive", "text": text})

    async def heard(self) -> dict[str, Any]:
        """The next event that the application sent."""
        return await asyncio.wait_for(self.outgoing.get(), 15)

    async def told(self) -> dict[str, Any]:
        """The next message."""
        event = await self.heard()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def ask(self, message: Any) -> dict[str, Any]:
        """Say something and hear the answer."""
        await self.say(message)
        return await self.told()

    async def hang_up(self) -> None:
        """Leave, as a browser that closes its page."""
        await self.incoming.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 15)


def put(client, **body):
    return client.put("/api/locations/sharing/", body, format="json")


def inmates(room, *names):
    users = [somebody(name) for name in names]
    for user in users:
        access.enter(user, room)
    return users
