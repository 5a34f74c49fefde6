"""The fan-out: the only reader of the channel layer, one hub for each event loop.

A frame for a room is encoded once, travels once to each process that has sockets there, and is
handed to every reader's outbox. A frame that gets lost on the way is made good within two seconds,
because the source is asked that often for newer versions than were sent. `rooms` does not know
what the frames say: an app above registers itself as `hub.source`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import transaction

from accounts.auth.revocation import Ended
from accounts.sockets.background import forever, heard
from accounts.sockets.registry import registry
from rooms import live
from rooms.fanout import layer, watch
from rooms.fanout.company import Company
from rooms.fanout.conflation import Conflation, Pools
from rooms.fanout.crowd import Crowd, Reader
from rooms.fanout.layer import EVERYBODY, Message
from rooms.fanout.outgoing import Outgoing
from rooms.fanout.presence import Presence
from rooms.fanout.relay import Relay
from rooms.fanout.source import Frame, RoomFrame, Source, Touch
from rooms.fanout.touches import Touches
from web.close_codes import Close
from web.threads import read_sql

__all__ = ["Frame", "Hub", "RoomFrame", "Source", "Touch", "get_hub", "source"]

CATCH_UP_S = 2.0
CATCH_UP_PATIENCE_S = 5.0
LAYER_PATIENCE_S = 1.0
GATHER_S = 0.05

_log = logging.getLogger(__name__)


source: Source | None = None


class Hub:
    """The sockets of one event loop, and the frames they are sent."""

    def __init__(self) -> None:
        self.crowd = Crowd()
        self._layer: Any = get_channel_layer()
        self._channel, self._is_late = "", False
        self._presence = Presence(self.crowd, self._post_replaced)
        self._outgoing = Outgoing(self._layer, self._fail_to_send)
        self._post = self._outgoing.post
        self._coming = asyncio.Event()
        self._behind, self._listening = asyncio.Event(), asyncio.Event()
        self._subscribed: set[str] = set()
        self._touches = Touches(self.crowd)
        self._company = Company(self.crowd, self._subscribed, self._post, self._touches.meet)
        self._figures = Conflation(self._tell_pools)
        self._relay = Relay(self._post_pools)
        self._gathered: dict[tuple[int, str, int | None], Touch] = {}
        self._coming.set()
        # Each step waits at its beginning only: a cancellation that was swallowed on the way is
        # then found by forever before anything waits again.
        steps: list[Callable[[], Awaitable[None]]] = [
            self._outgoing.publish, self._receive, self._subscribe, self._tell_touched,
            self._catch_up, self._presence.note_moves, self._presence.renew, self._presence.count,
            self._company.look,
        ]  # fmt: skip
        # Their log lines belong to no request, also not to the one that made the hub.
        self._tasks = [asyncio.create_task(forever(step), context=Context()) for step in steps]
        registry().checks.append(self._watch)

    def stop(self) -> None:
        """End the background work; the hub is of no use afterwards."""
        registry().checks.remove(self._watch)
        for task in self._tasks:
            task.cancel()
        self._touches.stop()

    # --- Who is connected

    def join(self, reader: Reader) -> None:
        """Take a socket in, before it is accepted."""
        if self.crowd.add(reader):
            self._coming.set()
        reader.room = self.crowd.rooms[reader.room.id].facts
        self._presence.came(reader)
        self._company.came(reader)

    def part(self, reader: Reader) -> None:
        """Forget a socket; again does nothing."""
        if self.crowd.remove(reader):
            self._presence.went(reader)
            self._coming.set()

    def here(self, room_id: int) -> int:
        """How many people are in a room, at most about two seconds old."""
        return self.crowd.count(room_id)

    # --- Telling from this loop; nothing here waits for the live instance

    def frame(
        self, room_id: int, text: str, slot: str | None = None, version: int | None = None
    ) -> None:
        """Tell every socket of a room, in all processes.

        With a slot and a version it is told only where the slot has not seen that version.
        """
        self._post(room_id, layer.frame(room_id, text, slot, version, None))

    def pools(self, pools: Pools) -> None:
        """Tell the newest figures of a market: the largest version, at most 4 times a second."""
        self._figures.offer(pools)
        if not self.crowd.is_alone(pools.room_id):
            self._relay.offer(pools)

    def touched(self, room_id: int, touch: Touch) -> None:
        """Send these users what they have now in a room, wherever they are connected.

        What comes within 50 ms goes out together.
        """
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHER_S, self._post_gathered)
        key = (room_id, touch.why, touch.market_id)
        before = self._gathered.get(key)
        self._gathered[key] = before + touch if before else touch

    def _post_gathered(self) -> None:
        gathered, self._gathered = self._gathered, {}
        for (room_id, _why, _market_id), touch in gathered.items():
            self._touches.note(room_id, touch)
            here = self.crowd.rooms.get(room_id)
            if there := here.elsewhere_of(touch) if here else touch:
                self._post(room_id, layer.touched(room_id, there, self._company.process))

    def _post_pools(self, pools: Pools) -> None:
        self._post(pools.room_id, layer.pools(pools, self._company.process))

    def _post_replaced(self, room_id: int, user_id: int, sockets: list[str]) -> None:
        self._post(room_id, layer.replaced(room_id, user_id, sockets))

    def _fail_to_send(self, message: Message) -> None:
        # Sockets of this process need no layer.
        self._company.lose()
        self.deliver(message)

    # --- What comes in

    async def _subscribe(self) -> None:
        if not self._channel:
            async with asyncio.timeout(LAYER_PATIENCE_S):
                self._channel = await self._layer.new_channel("hub.")
            self._listening.set()
            layer.on_reconnect(self._layer, self._touches.note_reconnection)
            return
        await self._coming.wait()
        self._coming.clear()
        try:
            await self._follow({layer.group(room_id): room_id for room_id in self.crowd.rooms})
        except Exception:
            self._is_late = True
            self._coming.set()
            raise
        self._is_late = False

    async def _follow(self, rooms: dict[str, int]) -> None:
        wanted = {EVERYBODY, *rooms}
        for group in wanted - self._subscribed:
            async with asyncio.timeout(LAYER_PATIENCE_S):
                await self._layer.group_add(group, self._channel)
            self._subscribed.add(group)
            self._behind.set()
            if group in rooms:
                self._company.follows(rooms[group])
                if self._is_late:
                    self._touches.note_all(rooms[group], "news")
        for group in self._subscribed - wanted:
            self._subscribed.discard(group)
            async with asyncio.timeout(LAYER_PATIENCE_S):
                await self._layer.group_discard(group, self._channel)

    async def _receive(self) -> None:
        await self._listening.wait()
        message = await self._layer.receive(self._channel)
        layer.received.labels(message["kind"]).inc()
        self.deliver(message)

    def deliver(self, message: Message) -> None:
        """Act on one layer message, or on one that the layer did not take."""
        kind: str = message["kind"]
        room_id: Any = message.get("room_id")
        hosts_text = message.get("hosts_text")
        if kind in ("frame", "hosts"):
            news = (message["text"], message["slot"], message["version"])
            self.crowd.tell(room_id, *news, hosts_text=hosts_text)
        elif kind == "pools":
            self._hear_pools(message)
        elif kind in ("touched", "missed"):
            self._hear_touched(message)
        elif kind == "company":
            self._company.hear(message)
        elif kind == "look":
            registry().recheck()
        elif kind == "ended":
            ended = Ended(frozenset(message["sign_ins"]), frozenset(message["users"]))
            registry().revoke(ended)
        elif kind == "replaced":
            for reader in self.crowd.of_user(room_id, message["user_id"]):
                if reader.socket_id in message["sockets"]:
                    reader.shut(Close.REPLACED, "replaced")

    def _hear_pools(self, message: Message) -> None:
        market_id, version = message["market_id"], message["version"]
        is_ours = message.get("process") == self._company.process
        self._relay.hear(market_id, version, is_ours=is_ours)
        hosts_text = message.get("hosts_text")
        self._offer(Pools(message["room_id"], market_id, version, message["text"], hosts_text))

    def _hear_touched(self, message: Message) -> None:
        if message.get("process") == self._company.process:
            return
        if message["kind"] == "missed":
            return self._touches.note_all(message["room_id"], "news")
        seqs = message.get("seqs") and [(epoch, seq) for epoch, seq in message["seqs"]]
        touch = Touch(message["user_ids"], message["why"], message["market_id"], seqs)
        self._touches.note(message["room_id"], touch)

    def _offer(self, pools: Pools) -> None:
        """Tell figures from elsewhere; those that were told already must hold up no newer ones."""
        if self.crowd.is_news(pools.room_id, pools.slot, pools.version):
            self._figures.offer(pools)

    def _tell_pools(self, pools: Pools) -> None:
        told = pools.encoded()
        news = (told.text, told.slot, told.version)
        self.crowd.tell(told.room_id, *news, hosts_text=told.hosts_text)

    # --- What the source says

    async def _tell_touched(self) -> None:
        await self._touches.tell(source)

    async def _catch_up(self) -> None:
        await heard(self._behind, CATCH_UP_S)
        self._touches.try_again()
        self._outgoing.make_good(self._company.process)
        facts = {room_id: here.facts for room_id, here in self.crowd.rooms.items()}
        if not facts or source is None:
            return
        async with asyncio.timeout(CATCH_UP_PATIENCE_S):
            news = await source.news(facts)
        for piece in news:
            if isinstance(piece, Pools):
                self._offer(piece)
            elif self.crowd.is_news(piece.room_id, piece.slot, piece.version):
                self._tell_news(piece)

    def _tell_news(self, piece: RoomFrame) -> None:
        news = (piece.text, piece.slot, piece.version)
        self.crowd.tell(
            piece.room_id, *news, hosts_text=piece.hosts_text, translations=piece.translations
        )
        if piece.touches_all:
            self._touches.note_all(piece.room_id, "news")

    # --- Who may still be here

    async def _watch(self, since_ms: int) -> None:
        if self.crowd.rooms:
            room_ids, key_ids = list(self.crowd.rooms), watch.key_ids(self.crowd)
            changes = await read_sql(watch.changes_since, since_ms, room_ids, key_ids)
            watch.act(changes, self.crowd)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """The hub of the running loop; the first call makes it."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


# --- Telling from threads: requests, the clock, commands. Never raises while live is away.


def post_frame(
    room_id: int,
    text: str,
    slot: str | None = None,
    version: int | None = None,
    *,
    hosts_text: str | None = None,
) -> None:
    """As Hub.frame, from a thread; `hosts_text` as in a RoomFrame."""
    _post(room_id, layer.frame(room_id, text, slot, version, hosts_text))


def post_pools(pools: Pools) -> None:
    """As Hub.pools, from a thread."""
    if not _in_loop(lambda hub: hub.pools(pools)):
        _post(pools.room_id, layer.pools(pools))


def post_touched(room_id: int | None, touch: Touch) -> None:
    """As Hub.touched, from a thread; without a room, wherever they are connected."""
    if room_id is None or not _in_loop(lambda hub: hub.touched(room_id, touch)):
        _post(room_id, layer.touched(room_id, touch))


def post_recheck(room_id: int) -> None:
    """Let the processes with sockets in a room read the database now, and not within a second.

    Inside a transaction they are told when it is committed, and not at all when it is not.
    """
    transaction.on_commit(lambda: _post(room_id, {"kind": "look"}))


def post_ended(ended: Ended) -> None:
    """Let every process close the sockets of these sign-ins and users."""
    _post(None, {"kind": "ended", "sign_ins": [*ended.sign_ins], "users": [*ended.users]})


def _in_loop(tell: Callable[[Hub], None]) -> bool:
    """Have the hub of this process tell something; False where it has no sockets, so no hub."""
    for loop, hub in list(_hubs.items()):
        if loop.is_running():
            loop.call_soon_threadsafe(tell, hub)
            return True
    return False


def _post(room_id: int | None, message: Message) -> None:
    try:
        live.publish(layer.group(room_id), message)
        layer.sent.labels(message["kind"]).inc()
    except live.LiveAway:
        # Other processes catch up; this one's sockets are told at once.
        for loop, hub in list(_hubs.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(hub._outgoing.lose, message)
                loop.call_soon_threadsafe(hub.deliver, message)
