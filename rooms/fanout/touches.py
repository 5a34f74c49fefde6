"""What users have now: touches that wait for the source, and the frames that it answers with."""

import asyncio
import logging
from contextvars import Context

from rooms.fanout.crowd import Crowd, RoomHere
from rooms.fanout.source import Source, Touch
from web.rows.chunks import chunks

USERS_PER_CALL = 500
RESUBSCRIBE_S = 0.1

_log = logging.getLogger(__name__)


class Touches:
    """The touches of one crowd that are not told yet, by room."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._waiting: dict[int, list[Touch]] = {}
        # Rooms that are being told. Each has a task of its own, so that one whose source does not
        # answer holds up no other.
        self._telling: dict[int, asyncio.Task[None]] = {}
        self._failing: set[int] = set()
        self._is_needed = asyncio.Event()

    def note(self, room_id: int | None, touch: Touch) -> None:
        """Take note of touched users with sockets here; without a room, in whichever they are."""
        for here in self._rooms(room_id):
            for some in chunks(here.unknowing(touch), USERS_PER_CALL):
                waiting = self._waiting.setdefault(here.facts.id, [])
                waiting.append(Touch(some, touch.why, touch.market_id))
                self._is_needed.set()

    def meet(self, room_id: int, user_ids: list[int]) -> None:
        """Take note of users who were found to have sockets in another process, too."""
        self.note(room_id, Touch(user_ids, "news"))

    def note_all(self, room_id: int | None, why: str) -> None:
        """Take note of a change for each user of a room here; without one, of all rooms."""
        for here in self._rooms(room_id):
            self.note(here.facts.id, Touch(list(here.users), why))

    def note_reconnection(self, _connection: object) -> None:
        """The layer was away, and messages with it: read anew what everybody here has."""
        # The subscription is still on its way; what is read before it arrives may be too old.
        loop = asyncio.get_running_loop()
        loop.call_later(RESUBSCRIBE_S, self.note_all, None, "news")

    def try_again(self) -> None:
        """Let `tell` go on with what waits after a failure."""
        if self._waiting:
            self._is_needed.set()

    async def tell(self, source: Source | None) -> None:
        """Wait for touches, and begin to send what the source answers about each room."""
        await self._is_needed.wait()
        self._is_needed.clear()
        if source:
            for room_id in self._waiting.keys() - self._telling.keys():
                tell = self._tell(source, room_id)
                self._telling[room_id] = asyncio.create_task(tell, context=Context())

    def stop(self) -> None:
        """End what is under way."""
        for telling in list(self._telling.values()):
            telling.cancel()

    async def _tell(self, source: Source, room_id: int) -> None:
        try:
            await self._tell_all(source, room_id)
        finally:
            del self._telling[room_id]

    async def _tell_all(self, source: Source, room_id: int) -> None:
        while room_id in self._waiting:
            some = _first_call(self._waiting[room_id])
            try:
                frames = await source.touched(room_id, some)
            except Exception as error:  # noqa: BLE001 - nothing is lost: it stays in front.
                if room_id not in self._failing:
                    _log.warning("room %s is told later what it has: %r", room_id, error)
                self._failing.add(room_id)
                return
            self._failing.discard(room_id)
            del self._waiting[room_id][: len(some)]
            if not self._waiting[room_id]:
                del self._waiting[room_id]
            for user_id, own in frames.items():
                for reader in self._crowd.of_user(room_id, user_id):
                    for frame in own:
                        reader.send(frame.text, slot=frame.slot)

    def _rooms(self, room_id: int | None) -> list[RoomHere]:
        if room_id is None:
            return list(self._crowd.rooms.values())
        here = self._crowd.rooms.get(room_id)
        return [here] if here else []


def _first_call(touches: list[Touch]) -> list[Touch]:
    """The touches that fit into one call: the first, and more while they are few users."""
    count, users = 0, 0
    for touch in touches:
        users += len(touch.user_ids)
        if count and users > USERS_PER_CALL:
            break
        count += 1
    return touches[:count]
