"""Presence over all processes: each process renews its own users, and counts all."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable

from accounts.sockets.frames import encode
from rooms import live
from rooms.fanout.crowd import Crowd, Reader
from rooms.messages import People
from web.limits import SOCKETS_PER_USER_AND_ROOM_MAX
from web.rows.chunks import chunks

RENEW_S = 20.0
COUNT_S = 2.0
# Arrivals and departures of so long go to the live instance in one call.
GATHER_S = 0.1
MARKS_PER_CALL = 1000
WAITING_MAX = 20_000
PROCESS_S = 10
_PROCESSES, _SOCKETS = "ringside:processes", "ringside:sockets"

Replaced = Callable[[int, int, list[str]], None]


class Presence:
    """Keeps the presence of one crowd in the live instance; its steps raise LiveAway only."""

    def __init__(self, crowd: Crowd, replaced: Replaced) -> None:
        self._crowd = crowd
        self._replaced = replaced
        self._process = uuid.uuid4().hex
        # With the time, which says who is the oldest also where it is noted late.
        self._came: list[tuple[Reader, float]] = []
        self._went: list[tuple[int, int, str]] = []
        self._moving = asyncio.Event()

    def came(self, reader: Reader) -> None:
        """A socket opened; a screen is nobody."""
        if reader.is_screen:
            return
        if len(self._came) < WAITING_MAX:
            self._came.append((reader, time.time()))
        self._moving.set()

    def went(self, reader: Reader) -> None:
        """A socket closed; its user stays here until a minute has passed."""
        if reader.is_screen:
            return
        if len(self._went) < WAITING_MAX:
            self._went.append((reader.room.id, reader.visitor.user_id, reader.socket_id))
        self._moving.set()

    async def note_moves(self) -> None:
        """Wait for arrivals and departures, then tell the live instance all of them at once."""
        await self._moving.wait()
        await asyncio.sleep(GATHER_S)
        self._moving.clear()
        came, self._came = self._came, []
        went, self._went = self._went, []
        # A user who came and went in between must not be noted as here again.
        gone = {socket for _room_id, _user_id, socket in went}
        came = [each for each in came if each[0].socket_id not in gone]
        for sockets in chunks(went, MARKS_PER_CALL):
            await live.aask(live.drop_sockets(sockets))
        for some in chunks(came, MARKS_PER_CALL):
            await self._note_arrivals(some)

    async def _note_arrivals(self, came: list[tuple[Reader, float]]) -> None:
        now_s = time.time()
        rooms: dict[int, list[tuple[int, str, float]]] = {}
        for reader, came_s in came:
            socket = (reader.visitor.user_id, reader.socket_id, came_s)
            rooms.setdefault(reader.room.id, []).append(socket)
        for room_id, sockets in rooms.items():
            await live.aask(live.renew(room_id, [user_id for user_id, *_socket in sockets], now_s))
            keep = SOCKETS_PER_USER_AND_ROOM_MAX
            for user_id, dropped in (await live.add_sockets(room_id, sockets, keep)).items():
                self._replaced(room_id, user_id, dropped)

    async def renew(self) -> None:
        """Renew every user of this process; one call for a thousand."""
        await asyncio.sleep(RENEW_S)
        now_s = time.time()
        commands: list[live.Command] = []
        for room_id, here in list(self._crowd.rooms.items()):
            for some in chunks(list(here.users), MARKS_PER_CALL):
                commands += live.renew(room_id, some, now_s)
        if commands:
            await live.aask(commands)

    async def count(self) -> None:
        """Note how many sockets are here; count the people, and tell rooms whose number changed."""
        await asyncio.sleep(COUNT_S)
        with contextlib.suppress(live.LiveAway):
            sockets = sum(len(here.readers) for here in self._crowd.rooms.values())
            await live.aask(_note_process(self._process, sockets, time.time()))
        room_ids = list(self._crowd.rooms)
        if not room_ids:
            return
        try:
            counts = await live.aask(live.count_here(room_ids, time.time()))
        except live.LiveAway:
            counts = [0] * len(room_ids)
        for room_id, people in zip(room_ids, counts, strict=True):
            self._tell(room_id, people)

    def _tell(self, room_id: int, people: int) -> None:
        here = self._crowd.rooms.get(room_id)
        if here is None:
            return
        people = max(people, len(here.users))
        if people != here.people:
            here.people = people
            self._crowd.tell(room_id, encode(People(people)), slot="people")


def _note_process(process: str, sockets: int, now_s: float) -> list[live.Command]:
    return [
        ("ZADD", _PROCESSES, now_s, process),
        ("HSET", _SOCKETS, process, sockets),
        ("EXPIRE", _PROCESSES, live.SOCKETS_TTL_S),
        ("EXPIRE", _SOCKETS, live.SOCKETS_TTL_S),
    ]


def count_sockets(now_s: float) -> int:
    """Sockets in all processes that were heard of in the last 10 s. Raises LiveAway."""
    alive, counted = live.ask(
        [("ZRANGEBYSCORE", _PROCESSES, now_s - PROCESS_S, "+inf"), ("HGETALL", _SOCKETS)]
    )
    silent = [process for process in counted if process not in alive]
    if silent:
        live.ask([("HDEL", _SOCKETS, *silent), ("ZREM", _PROCESSES, *silent)])
    return sum(int(counted[process]) for process in alive if process in counted)
