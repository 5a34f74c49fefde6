"""Company: whether other processes have sockets of a room, too, and which of its users.

A process tells the others of a room whom it has there, and those that have the same answer. So a
change of a user's coins travels only to where the user is, and nothing about a bet travels in a
room that is in one process alone. What is not known counts as elsewhere.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Collection

from rooms import live
from rooms.fanout import layer
from rooms.fanout.crowd import Crowd, Reader, RoomHere

# Arrivals of so long are told together.
GATHER_S = 0.02
LOOK_S = 2.0
# Everybody is told again after so many looks, should a message have been lost.
REPEAT_AFTER_LOOKS = 10
# So long after an arrival the others may not have answered yet.
UNSURE_S = 5.0
# What was told counts for so long: two repeats may be lost.
KNOWN_S = 60.0

Post = Callable[[int, layer.Message], None]
Met = Callable[[int, list[int]], None]


class Company:
    """What this process knows of the others; its step raises LiveAway only."""

    def __init__(self, crowd: Crowd, followed: Collection[str], post: Post, met: Met) -> None:
        self.process = uuid.uuid4().hex
        self._crowd = crowd
        self._followed = followed
        self._post = post
        self._met = met
        self._came: dict[int, set[int]] = {}
        # Told since the last look: they are told once more.
        self._lately: dict[int, set[int]] = {}
        self._looks = 0

    def came(self, reader: Reader) -> None:
        """A user's socket opened; the others are told, unless the room is here alone."""
        here = self._crowd.rooms[reader.room.id]
        user_id = reader.visitor.user_id
        if reader.is_screen or here.is_alone or len(here.users[user_id]) > 1:
            return
        here.elsewhere[user_id] = time.monotonic() + UNSURE_S
        if not self._came:
            asyncio.get_running_loop().call_later(GATHER_S, self._tell_arrivals)
        self._came.setdefault(here.facts.id, set()).add(user_id)

    def follows(self, room_id: int) -> None:
        """The messages of a room are heard from now on: ask the others who is there, too."""
        if here := self._crowd.rooms.get(room_id):
            # Also where there are screens alone, so that the others know that it is not theirs.
            self._post(room_id, layer.company(room_id, self.process, here.users, asks=True))

    def hear(self, message: layer.Message) -> None:
        """Take note of users that another process has, and answer which of them are here."""
        here = self._crowd.rooms.get(message["room_id"])
        if here is None or message["process"] == self.process:
            return
        now_s = time.monotonic()
        here.is_alone, here.company_at_s = False, now_s
        both = [user_id for user_id in message["user_ids"] if user_id in here.users]
        unknown = [user_id for user_id in both if here.elsewhere.get(user_id, 0) < now_s + UNSURE_S]
        here.elsewhere.update(dict.fromkeys(both, now_s + KNOWN_S))
        if both and message["asks"]:
            self._tell(here.facts.id, both, asks=False)
        if unknown:
            # What changed before both knew of each other is told now.
            self._met(here.facts.id, unknown)

    def lose(self) -> None:
        """Count everybody as elsewhere, because the layer fails: nobody knows who came."""
        until_s = time.monotonic() + KNOWN_S
        for here in self._crowd.rooms.values():
            here.is_alone, here.elsewhere = False, dict.fromkeys(here.users, until_s)

    async def look(self) -> None:
        """See which rooms are followed here alone; tell late arrivals and, at times, all again."""
        await asyncio.sleep(LOOK_S)
        rooms, looked_at_s = list(self._crowd.rooms.values()), time.monotonic()
        if not rooms:
            return
        try:
            counts = await live.acount_followers([layer.group(here.facts.id) for here in rooms])
        except live.LiveAway:
            self.lose()
            raise
        self._looks += 1
        lately, self._lately = self._lately, {}
        for here, count in zip(rooms, counts, strict=True):
            room_id = here.facts.id
            is_followed = layer.group(room_id) in self._followed
            was_alone = here.is_alone
            # Another process may have told of itself while this was under way.
            here.is_alone = count == 1 and is_followed and here.company_at_s < looked_at_s
            _forget_old(here)
            if not here.is_alone:
                is_repeat = self._looks % REPEAT_AFTER_LOOKS == 0
                # A process that was found and not heard: ask whom it has.
                again = here.users if is_repeat or was_alone else lately.get(room_id, ())
                self._tell(room_id, again, asks=was_alone or not is_repeat)

    def _tell_arrivals(self) -> None:
        came, self._came = self._came, {}
        for room_id, user_ids in came.items():
            self._lately.setdefault(room_id, set()).update(user_ids)
            self._tell(room_id, user_ids, asks=True)

    def _tell(self, room_id: int, user_ids: Collection[int], *, asks: bool) -> None:
        if user_ids:
            self._post(room_id, layer.company(room_id, self.process, user_ids, asks=asks))


def _forget_old(here: RoomHere) -> None:
    now_s = time.monotonic()
    if here.is_alone:
        here.elsewhere.clear()
    for user_id in [id_ for id_, until_s in here.elsewhere.items() if until_s < now_s]:
        del here.elsewhere[user_id]
