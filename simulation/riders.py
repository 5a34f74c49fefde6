"""People of the demo who move: recorded rides, there and back again, shown on the room's map."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from locations.messages import SHARING_MINUTES_MAX
from simulation.bots import PAUSE_S
from simulation.player import Player, PlayerRefused
from simulation.tracks import Point, Track, read

RIDES = Path(__file__).with_name("rides")
# Phones report at 5 to 30 s; a recording may have been denser.
REPORT_EVERY_S = 5.0

Invite = Callable[[Player], Awaitable[None]]


def rides() -> list[Track]:
    """The rides that come with Ringside."""
    return read(RIDES)


async def ride_for_ever(url: str, code: str, track: Track, invite: Invite) -> None:
    """Ride as a guest of this room until cancelled; a rider who is sent away comes back."""
    while True:
        with contextlib.suppress(PlayerRefused, OSError):
            async with Player(url) as player:
                await invite(player)
                await player.call("POST", f"rooms/{code}/enter/")
                while True:
                    await _share(player, code)
                    await _lap(player, track)
        await asyncio.sleep(random.uniform(*PAUSE_S))


async def _share(player: Player, code: str) -> None:
    sharing = {"room": code, "level": "exact", "minutes": SHARING_MINUTES_MAX}
    await player.patiently("PUT", "locations/sharing/", sharing)


async def _lap(player: Player, track: Track) -> None:
    """There and back again at the recorded speed, so that no position jumps."""
    began_s = time.monotonic()
    for at_s, point in lap(track):
        await asyncio.sleep(began_s + at_s - time.monotonic())
        fix = {
            "fix_ms": time.time_ns() // 1_000_000,
            "lat": point.lat,
            "lon": point.lon,
            "accuracy_m": point.accuracy_m,
        }
        await player.patiently("POST", "locations/", {"fixes": [fix]})


def lap(track: Track) -> Iterator[tuple[float, Point]]:
    """When to be where, in seconds from the start; at most one point in five seconds."""
    there = [(point.at_s, point) for point in track.points]
    back = [(2 * track.lasts_s - at_s, point) for at_s, point in reversed(there)]
    next_s = 0.0
    for at_s, point in [*there, *back]:
        if at_s >= next_s:
            next_s = at_s + REPORT_EVERY_S
            yield at_s, point
