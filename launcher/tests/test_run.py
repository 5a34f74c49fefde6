"""Promises of `./ringside run`, kept by a whole house."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import websockets
from websockets.typing import Origin

from launcher.private_house import HouseFailed
from launcher.venv import ROOT
from simulation.player import Player
from tests.servers import House, OpenHouse, house_in

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("cold_starts")]
# The list of rooms as an operator opens it, in whatever zone the house keeps its time.
ROOM_LIST = """
from django.test import Client
from accounts.models import User
operator = User.objects.create_superuser("Zoe", "zoe@example.org", "a long password")
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(operator)
print(client.get("/admin/rooms/room/").status_code)
"""


def _get(url: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def _is_ready(house: House) -> bool:
    try:
        return _get(f"{house.url}/readyz/")[0] == 200
    except OSError:
        return False


@pytest.mark.skipif(
    os.environ.get("RINGSIDE_ENGINES") == "real", reason="MariaDB's set-up refuses such folders"
)
def test_it_runs_in_a_folder_of_any_name_and_in_any_time_zone(tmp_path: Path) -> None:
    # The first makes its tables itself, as nothing but a new folder lets it.
    for name, has_tables in (("hall?x=1", False), ("hall?x=2 #% +$HOME 방", True)):
        place = tmp_path / name
        place.mkdir()
        options = ("--no-crowd", "--no-demo")
        with house_in(
            place, options=options, has_tables=has_tables, TIME_ZONE="Asia/Seoul"
        ) as made:
            assert _is_ready(made)
            told = made.manage("shell", "--no-imports", "-c", ROOM_LIST)
            assert told.stdout.strip().endswith("200"), told.stderr
            with closing(sqlite3.connect(place / "data" / "ringside.sqlite3")) as tables:
                [(people,)] = tables.execute("SELECT COUNT(*) FROM accounts_user").fetchall()
            assert people == 1


def test_it_says_ready_when_it_is(house: House) -> None:
    assert f"ready {house.url}\n" in house.said()
    assert _get(f"{house.url}/readyz/") == (200, {"status": "ready"})


def test_it_loads_once_what_prepares_and_the_clock_need(house: House) -> None:
    command = Path(f"/proc/{house.pid('clock')}/cmdline").read_text().split("\0")
    assert "prepare" in command


def test_it_ends_with_the_reason_when_it_cannot_be_made_ready(tmp_path: Path) -> None:
    with (
        pytest.raises(HouseFailed, match="unable to open database file") as failed,
        house_in(tmp_path, has_servers=False, DATABASE_URL="sqlite:////nowhere/at/all"),
    ):
        pass
    assert "could not be made ready" in str(failed.value)


def test_it_opens_a_demo_room_with_a_question(house: House) -> None:
    [room] = _get(f"{house.url}/api/rooms/")[1]["results"]  # type: ignore[misc]
    assert room["open_markets"] == 1
    assert "operator account (shown once)" in house.said()


def test_it_hands_commands_the_engines_of_the_folder(house: House) -> None:
    told = house.manage("open_gate")
    assert (told.returncode, told.stdout) == (0, "The bank is open.\n"), told.stderr


def test_it_refuses_a_second_run_on_the_folder(house: House) -> None:
    again = subprocess.run(
        [ROOT / "ringside", "run", "--data-dir", house.data_dir, "--port", "0"],
        env=house.env, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert again.returncode == 1
    assert "already runs" in again.stderr and house.url in again.stderr


@asynccontextmanager
async def _seated(house: House) -> AsyncIterator[websockets.ClientConnection]:
    """A guest's socket in the demo room, welcomed."""
    async with Player(house.url) as player:
        await player.guest()
        [room] = (await player.call("GET", "rooms/"))["results"]
        cookies = "; ".join(f"{one.name}={one.value}" for one in player.http.cookies.jar)
        where = f"{house.ws_url}/ws/rooms/{room['code']}/"
        async with websockets.connect(
            where, origin=Origin(house.url), additional_headers={"Cookie": cookies}
        ) as wire:
            await wire.send('{"type": "hello"}')
            assert json.loads(await wire.recv())["type"] == "welcome"
            yield wire


async def test_it_closes_a_frame_that_is_too_large(house: House) -> None:
    async with _seated(house) as wire:
        await wire.send(b"x" * 4097)
        await wire.wait_closed()
        assert wire.close_code == 1009


async def test_it_writes_no_fault_of_its_own_when_it_turns_a_page_away(house: House) -> None:
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await websockets.connect(f"{house.ws_url}/ws/rooms/ABCDEF/", origin=Origin("https://x.y"))
    # What the server says about one connection it says before it answers the next.
    assert _get(f"{house.url}/healthz/")[0] == 200
    assert '"level": "error"' not in house.logs()["web-1.log"]


@pytest.mark.parametrize("name", ["web-1", "clock", "bank", "live"])
def test_it_starts_again_what_was_killed(house: House, name: str) -> None:
    before = house.pid(name)
    if not before:
        pytest.skip("The house does not look after engines that were named to it.")
    house.kill(name)
    house.wait_until(lambda: house.pid(name) not in (0, before), 60)
    house.wait_until(lambda: _is_ready(house), 60)


def test_it_keeps_visitors_waiting_while_the_web_process_restarts(house: House) -> None:
    house.kill("web-1")
    with urllib.request.urlopen(f"{house.url}/healthz/", timeout=60) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_starts_where_it_was(
    open_house: OpenHouse, number: signal.Signals
) -> None:
    house = open_house()
    code = _get(f"{house.url}/api/rooms/")[1]["results"][0]["code"]  # type: ignore[index]
    pids = [house.pid(name) for name in ("web-1", "clock", "bank", "live")]
    assert house.stop(number) == 0
    assert not any(pid and Path(f"/proc/{pid}").exists() for pid in pids)
    house.start()
    assert _get(f"{house.url}/api/rooms/")[1]["results"][0]["code"] == code  # type: ignore[index]
    assert house.said().count("operator account") == 1


async def test_it_tells_sockets_that_it_restarts(open_house: OpenHouse) -> None:
    house = open_house()
    async with _seated(house) as wire:
        assert await asyncio.to_thread(house.stop) == 0
        await wire.wait_closed()
        assert wire.close_code == 1012


def test_it_cleans_up_after_its_own_sudden_death(open_house: OpenHouse) -> None:
    house = open_house()
    web = house.pid("web-1")
    assert house.launcher is not None
    house.launcher.kill()
    house.launcher.wait()
    house.start()
    assert _is_ready(house)
    assert house.pid("web-1") != web and not Path(f"/proc/{web}").exists()


def test_it_runs_as_many_web_processes_as_asked(open_house: OpenHouse) -> None:
    house = open_house(WEB_WORKERS="2")
    assert house.pid("web-1") and house.pid("web-2")
    house.kill("web-1")
    assert _is_ready(house)


def test_it_says_that_a_port_is_taken(open_house: OpenHouse, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        env = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
        tried = subprocess.run(
            [ROOT / "ringside", "run", "--data-dir", tmp_path / "d", "--port", port],
            env=env, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert tried.returncode == 1
    assert tried.stderr == (
        f"ringside: Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
    )
