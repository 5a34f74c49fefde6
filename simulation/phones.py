"""Phones that report recorded tracks to a running Ringside, each over one of its ways in.

A track ends at the present whatever the speed: at ten times the speed its first fix is old when
it is sent, so that distances and times stay true and nothing comes from the future.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import websockets

from accounts.sockets.frames import Error, encode
from locations import live
from locations.figures import fix_of
from locations.messages import Ack, FixMessage
from locations.models import UserLocation
from locations.phones import devices
from simulation.invitations import in_thread, invite_guest
from simulation.player import Player, PlayerRefused
from simulation.tracks import Point, Track

WAYS = ("socket", "post", "owntracks", "traccar")
ATTEMPTS = 50
AGAIN_AFTER_S = 1.0
# Positions are kept in units of 1e-7 degrees, rounded.
HALF_A_UNIT = 0.501e-7

_read_event = msgspec.json.Decoder(Ack | Error).decode


@dataclass(slots=True)
class Reported:
    """The result of one track: answers by status, and what Ringside holds afterwards."""

    track: Track
    way: str
    answers: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[int, Point]] = field(default_factory=list)
    differs: str = ""


class Phone:
    """One guest with one phone on one track."""

    def __init__(self, url: str, way: str, track: Track) -> None:
        self.url, self.way, self.track = url.rstrip("/"), way, track
        self.reported = Reported(track, way)
        self._number = 0

    async def play(self, speed: float, settled_s: float) -> Reported:
        """Report the whole track, wait until it is in SQL, and compare what is told then."""
        async with Player(self.url) as player:
            user = await invite_guest(player, f"Phone {self.track.name}"[:20])
            token = ""
            if self.way in ("owntracks", "traccar"):
                token = (await in_thread(devices.pair, user.pk, "Replay")).token
            await self._ride(player, token, speed)
            await asyncio.sleep(settled_s)
            self.reported.differs = await self._compare(player)
        return self.reported

    async def _ride(self, player: Player, token: str, speed: float) -> None:
        start_s = time.time()
        end_s = start_s + self.track.lasts_s / speed
        socket = await self._socket(player) if self.way == "socket" else None
        try:
            for point in self.track.points:
                await asyncio.sleep(start_s + point.at_s / speed - time.time())
                fix_ms = round((end_s - self.track.lasts_s + point.at_s) * 1000)
                # Only whole seconds travel in the OwnTracks format.
                fix_ms = fix_ms // 1000 * 1000 if self.way == "owntracks" else fix_ms
                self.reported.sent.append((fix_ms, point))
                await self._send(player, socket, token, fix_ms, point)
        finally:
            if socket:
                await socket.close()

    async def _socket(self, player: Player) -> websockets.ClientConnection:
        cookie = "; ".join(f"{c.name}={c.value}" for c in player.http.cookies.jar)
        return await websockets.connect(
            self.url.replace("http", "ws", 1) + "/ws/locations/",
            origin=websockets.Origin(self.url),
            additional_headers={"Cookie": cookie},
            proxy=None,
        )

    async def _send(
        self,
        player: Player,
        socket: websockets.ClientConnection | None,
        token: str,
        fix_ms: int,
        point: Point,
    ) -> None:
        for _attempt in range(ATTEMPTS):
            try:
                if socket:
                    status, wait_s = await self._say(socket, fix_ms, point)
                elif self.way == "post":
                    status, wait_s = await self._post(player, fix_ms, point)
                else:
                    status, wait_s = await self._app(player.http, token, fix_ms, point)
            except (httpx.TransportError, PlayerRefused) as error:
                # As the apps do: a fix that met a dead connection or a busy server is sent again.
                if isinstance(error, PlayerRefused) and error.status != 503:
                    raise
                status, wait_s = "no answer", AGAIN_AFTER_S
            if not wait_s:
                break
            await asyncio.sleep(wait_s)
        self.reported.answers[status] += 1

    async def _say(
        self, socket: websockets.ClientConnection, fix_ms: int, point: Point
    ) -> tuple[str, float]:
        self._number += 1
        await socket.send(encode(FixMessage(n=self._number, **_fix(fix_ms, point))))
        told = _read_event(await socket.recv())
        if isinstance(told, Error):
            return told.code, 1.0
        is_early = told.reason == "too_fast"
        return told.status, told.next_ms / 1000 if is_early else 0

    async def _post(self, player: Player, fix_ms: int, point: Point) -> tuple[str, float]:
        told = await player.patiently("POST", "locations/", {"fixes": [_fix(fix_ms, point)]})
        return str(told["results"][0]["status"]), 0

    async def _app(
        self, http: httpx.AsyncClient, token: str, fix_ms: int, point: Point
    ) -> tuple[str, float]:
        if self.way == "owntracks":
            body = {
                "_type": "location",
                "lat": point.lat,
                "lon": point.lon,
                "tst": fix_ms // 1000,
                "acc": round(point.accuracy_m),
            }
            answer = await http.post("/in/owntracks/", json=body, auth=("phone", token))
        else:
            query: dict[str, Any] = {
                "id": token,
                "lat": point.lat,
                "lon": point.lon,
                "timestamp": fix_ms,
                "accuracy": point.accuracy_m,
            }
            answer = await http.get("/in/traccar/", params=query)
        wait_s = float(answer.headers.get("Retry-After", 1)) if answer.status_code == 503 else 0
        return str(answer.status_code), wait_s

    async def _compare(self, player: Player) -> str:
        """The first difference between what was sent and what is told; nothing when none."""
        export = await player.patiently("GET", "locations/export/?format=json")
        told = {fix["fix_ms"]: fix for fix in export["fixes"]}
        sent = dict(reversed(self.reported.sent))
        if told.keys() != sent.keys():
            return f"{len(sent)} fixes sent, {len(told)} in history"
        for fix_ms, point in sent.items():
            away = max(abs(told[fix_ms]["lat"] - point.lat), abs(told[fix_ms]["lon"] - point.lon))
            if away > HALF_A_UNIT:
                return f"another place at {fix_ms}"
        newest = max(
            (fix for fix in told.values() if "held" not in fix["flags"]),
            key=lambda fix: int(fix["fix_ms"]),
        )
        position = (await player.patiently("GET", "locations/me/"))["position"]
        assert player.person is not None
        kept = await in_thread(_kept, player.person.id)
        if {_where(newest)} != {_where(position), *kept}:
            return "the newest position is not the newest believed fix everywhere"
        return ""


Where = tuple[int, float, float]


def _where(fix: dict[str, Any]) -> Where:
    return fix["fix_ms"], fix["lat"], fix["lon"]


def _kept(user_id: int) -> list[Where | None]:
    """The newest position as the live Redis and SQL know it."""
    live_fix = live.known(user_id).state.last
    row = UserLocation.objects.filter(pk=user_id).first()
    fixes = (live_fix, fix_of(row) if row else None)
    return [(fix.fix_ms, fix.lat, fix.lon) if fix else None for fix in fixes]


def _fix(fix_ms: int, point: Point) -> dict[str, Any]:
    return {
        "fix_ms": fix_ms,
        "lat": point.lat,
        "lon": point.lon,
        "accuracy_m": point.accuracy_m,
    }


async def play(
    url: str, tracks: list[Track], speed: float, ways: tuple[str, ...] = WAYS
) -> list[Reported]:
    """Play all tracks side by side, the ways in taking turns."""
    phones = [Phone(url, ways[n % len(ways)], track) for n, track in enumerate(tracks)]
    return list(await asyncio.gather(*(phone.play(speed, 2.0) for phone in phones)))
