"""The circles of rooms with a place that a user belongs to, as this process knows them.

Reports read them from SQL, at most every three seconds: the circles of all live rooms, and the
memberships that began or ended; everything every twenty seconds. A user who enters through this
process is noted at once. Other reports cost no SQL.
"""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock

from django.db import DatabaseError
from django.db.models import Max, QuerySet

from accounts.models import User
from accounts.sockets.registry import LOOK_BACK_MS
from locations import live
from locations.fixes import geofence
from rooms.inside import Mark
from rooms.models import Membership, Room
from rooms.places import Place
from web.refusals import Refused
from web.threads import read_sql
from web.times import now_ms

CHANGES_EVERY_S = 3.0
ALL_EVERY_S = 20.0

log = logging.getLogger(__name__)


class Circles:
    """Users and the circles of their rooms."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._rooms_of: dict[int, set[int]] = {}
        self._newest_id = 0
        self._changes_at_s = self._all_at_s = float("-inf")
        self._lock = Lock()

    def of(self, user_id: int) -> dict[int, Place]:
        """The circles of one user by room, however many."""
        room_ids = self._rooms_of.get(user_id, set()) & self._places.keys()
        return {room_id: self._places[room_id] for room_id in room_ids}

    def is_due(self) -> bool:
        return time.monotonic() - self._changes_at_s >= CHANGES_EVERY_S

    def read(self) -> None:
        """Bring everything up to date, unless another thread does so now."""
        if not self._lock.acquire(blocking=False):
            return
        # Noted before reading: while SQL is away one attempt in three seconds is enough.
        self._changes_at_s = time.monotonic()
        try:
            self._read()
        except DatabaseError as error:
            log.warning("Rooms with a place could not be read (%s).", type(error).__name__)
        finally:
            self._lock.release()

    def _read(self) -> None:
        now_s = time.monotonic()
        places = _places()
        is_all = now_s - self._all_at_s >= ALL_EVERY_S
        of_places = Membership.objects.filter(room__in=_rooms())
        members = of_places if is_all else of_places.filter(room__in=places.keys() - self._places)
        newest_id = Membership.objects.aggregate(newest=Max("pk"))["newest"] or 0
        # Reports that come meanwhile are judged by what was known before.
        rooms_of: dict[int, set[int]] = {} if is_all else self._rooms_of
        _note(rooms_of, members.filter(state=Membership.State.IN))
        _note(rooms_of, of_places.filter(pk__gt=self._newest_id))
        _note(rooms_of, Membership.objects.filter(changed_at_ms__gte=now_ms() - LOOK_BACK_MS))
        self._places, self._rooms_of = places, rooms_of
        self._newest_id = newest_id
        self._all_at_s = now_s if is_all else self._all_at_s

    def entered(self, user: User, room: Room) -> None:
        """Note that a user entered through this process."""
        if room.place_radius_m:
            self._rooms_of.setdefault(user.pk, set()).add(room.pk)

    def forget(self) -> None:
        """Forget everything, to read it anew."""
        self.__init__()  # type: ignore[misc]


def _rooms() -> "QuerySet[Room]":
    return Room.objects.filter(status=Room.Status.LIVE, place_radius_m__isnull=False)


def _places() -> dict[int, Place]:
    rows = _rooms().values_list("pk", "place_lat", "place_lon", "place_radius_m")
    return {
        pk: Place(lat, lon, radius_m)
        for pk, lat, lon, radius_m in rows
        if lat is not None and lon is not None and radius_m
    }


def _note(rooms_of: dict[int, set[int]], members: "QuerySet[Membership]") -> None:
    for user_id, room_id, state in members.values_list("user_id", "room_id", "state"):
        if state == Membership.State.IN:
            rooms_of.setdefault(user_id, set()).add(room_id)
        else:
            rooms_of.get(user_id, set()).discard(room_id)


circles = Circles()


def circles_of(user_id: int) -> Mapping[int, Place]:
    """The circles of one user, from a thread."""
    if circles.is_due():
        circles.read()
    return circles.of(user_id)


async def acircles_of(user_id: int) -> Mapping[int, Place]:
    """The circles of one user, from the running event loop; as `circles_of`."""
    if circles.is_due():
        with suppress(Refused):
            await read_sql(circles.read)
    return circles.of(user_id)


def find(room_id: int, user_id: int) -> Mark | None:
    """Judge a user in one of their rooms by their present state; None when not known."""
    place = circles_of(user_id).get(room_id)
    if place is None:
        return None
    with suppress(Refused):
        return geofence.found(live.known(user_id).state, room_id, place)
    return None


async def afind(room_id: int, user_id: int) -> Mark | None:
    """Judge a user in one of their rooms from the running event loop; as `find`."""
    place = (await acircles_of(user_id)).get(room_id)
    if place is None:
        return None
    with suppress(Refused):
        return geofence.found((await live.aknown(user_id)).state, room_id, place)
    return None
