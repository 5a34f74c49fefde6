"""A sign-in that ends takes its sockets along, in every process, also without the live Redis."""

import asyncio
import json
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers import House, house_in

pytestmark = pytest.mark.server

ROOMS, SOCKETS_PER_ROOM = 20, 5
CLOSED_WITHIN_S = 2.0
# A hundred sockets share a thousand coins: they must last until the end.
BETS_APART_S = 3
Stop = Callable[[House, httpx.Client], None]


@pytest.fixture(scope="module")
def two_processes() -> Iterator[House]:
    """A house with two web processes."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000", WEB_WORKERS="2") as made,
    ):
        yield made


def browser(house: House, body: dict[str, Any] | None = None) -> httpx.Client:
    """A guest's browser."""
    client = httpx.Client(base_url=house.url, headers={"Origin": house.url}, timeout=10)
    client.headers["X-CSRFToken"] = client.get("/api/auth/csrf/").json()["csrf"]
    assert client.post("/api/auth/guest/", json=body or {}).status_code == 201
    return client


def open_rooms(host: httpx.Client) -> list[tuple[str, int, int]]:
    """Rooms with one open market each: code, market, one of its outcomes."""
    rooms = []
    for number in range(ROOMS):
        body = {"title": f"Room {number}", "visibility": "public"}
        code = host.post("/api/rooms/", json=body).json()["code"]
        asked = {"question": "Who?", "outcomes": ["A", "B"]}
        market = host.post(f"/api/rooms/{code}/markets/", json=asked).json()
        rooms.append((code, market["id"], market["outcomes"][0]["id"]))
    return rooms


async def bet_until_closed(
    socket: ClientConnection, market: int, outcome: int, has_bet: asyncio.Event
) -> tuple[Any, ...]:
    """Bet again and again; answers close code, reason, when it closed, when a bet was last taken.

    No bet may be refused before that.
    """
    accepted_at_s = 0.0
    await socket.send(json.dumps({"type": "hello"}))

    async def listen() -> None:
        nonlocal accepted_at_s
        async for frame in socket:
            told = json.loads(frame)
            assert told["type"] != "bet.refused", told
            if told["type"] == "bet.accepted":
                accepted_at_s = time.monotonic()
                has_bet.set()

    async def stake() -> None:
        while True:
            bet = {"type": "bet.place", "bet_id": str(uuid.uuid4()), "market": market,
                   "outcome": outcome, "stake": 1}  # fmt: skip
            await socket.send(json.dumps(bet))
            await asyncio.sleep(BETS_APART_S)

    try:
        await asyncio.gather(listen(), stake())
    except ConnectionClosed:
        await socket.wait_closed()
    return socket.close_code, socket.close_reason, time.monotonic(), accepted_at_s


async def play(house: House, player: httpx.Client, rooms: list[Any], stop: Stop) -> None:
    """Open all sockets of one sign-in, end it, and judge when each of them closed."""
    cookies = "; ".join(f"{name}={value}" for name, value in player.cookies.items())
    headers = {"Cookie": cookies}
    async with AsyncExitStack() as stack:
        playing, have_bet = [], []
        for code, market, outcome in rooms:
            for _ in range(SOCKETS_PER_ROOM):
                url = f"{house.ws_url}/ws/rooms/{code}/"
                joined = connect(url, origin=house.url, additional_headers=headers)  # type: ignore[arg-type]
                socket = await stack.enter_async_context(joined)
                have_bet.append(asyncio.Event())
                betting = bet_until_closed(socket, market, outcome, have_bet[-1])
                playing.append(asyncio.create_task(betting))
        async with asyncio.timeout(60):
            await asyncio.gather(*(each.wait() for each in have_bet))
        assert not [task for task in playing if task.done()]
        await asyncio.to_thread(stop, house, player)
        confirmed_s = time.monotonic()
        async with asyncio.timeout(60):
            ends = await asyncio.gather(*playing)
    assert len(ends) == 100
    assert {(code, reason) for code, reason, *_ in ends} == {(4401, "revoked")}
    assert max(accepted for *_, accepted in ends) > 0, "no bet was ever accepted"
    assert max(closed for _, _, closed, _ in ends) - confirmed_s <= CLOSED_WITHIN_S
    assert max(accepted for *_, accepted in ends) - confirmed_s <= CLOSED_WITHIN_S


def log_out(_house: House, player: httpx.Client) -> None:
    assert player.post("/api/auth/logout/").status_code == 204


def ban(house: House, player: httpx.Client) -> None:
    user_id = player.get("/api/auth/me/").json()["user"]["id"]
    code = (
        "from accounts.auth import bans; from accounts.models import User;"
        f"bans.ban(User.objects.get(pk={user_id}), 'x')"
    )
    told = house.manage("shell", "-c", code)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(("stop", "is_silent"), [(log_out, True), (ban, False)])
def test_it_closes_a_hundred_sockets_in_two_processes(
    two_processes: House, stop: Stop, is_silent: bool
) -> None:
    house = two_processes
    rooms = open_rooms(browser(house))
    player = browser(house)
    bet = {"bet_id": str(uuid.uuid4()), "outcome": rooms[0][2], "stake": 1}

    def end(house: House, player: httpx.Client) -> None:
        if is_silent:
            house.send_signal("live", signal.SIGSTOP)
        stop(house, player)

    before = dict(player.cookies)
    try:
        asyncio.run(play(house, player, rooms, end))
        player.cookies.update(before)
        late = player.post(f"/api/markets/{rooms[0][1]}/bets/", json=bet)
        assert late.status_code in (401, 403)
    finally:
        house.send_signal("live", signal.SIGCONT)
