"""Killed while phones report: little is lost, nothing twice, and no older fix over a newer one."""

import asyncio
import json
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import websockets

from launcher import processes
from simulation.player import Player, PlayerRefused
from tests.kills.test_kills import Database
from tests.servers import House, house_in

pytestmark = pytest.mark.server

IS_REAL = os.environ.get("RINGSIDE_ENGINES") == "real"
PHONES = 6
EVERY_S = 0.15
# Older by this much, and sent after newer ones, as a phone empties its buffer.
LATE_MS = 40_000
# docs/locations.md, "What can be lost".
LOSS_MAX_S = 5.0
RECOVERY_TIMEOUT_S = 90


@dataclass(frozen=True, slots=True)
class Taken:
    """One fix that was acknowledged, and when."""

    user_id: int
    fix_ms: int
    at_s: float


class Phones:
    """Phones that report over HTTP and sockets, in a thread, until told to stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: list[Taken] = []
        self.trouble: Counter[str] = Counter()
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> "Phones":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "The phones did not stop."

    async def _run(self) -> None:
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            for number in range(PHONES):
                player = await stack.enter_async_context(Player(self.url))
                await player.guest()
                report = self._post if number % 2 else self._talk
                group.create_task(self._keep_reporting(player, report))

    async def _keep_reporting(self, player, report) -> None:  # type: ignore[no-untyped-def]
        assert player.person is not None
        while not self.stopped.is_set():
            try:
                await report(player, player.person.id)
            except (httpx.TransportError, PlayerRefused, OSError) as error:
                self.trouble[type(error).__name__] += 1
            except websockets.WebSocketException:
                self.trouble["socket"] += 1
            await asyncio.sleep(EVERY_S)

    async def _post(self, player: Player, user_id: int) -> None:
        fixes = [_fix(), _fix(LATE_MS)]
        told = await player.call("POST", "locations/", {"fixes": fixes})
        for fix, result in zip(fixes, told["results"], strict=True):
            self._note(user_id, fix["fix_ms"], result["status"])

    async def _talk(self, player: Player, user_id: int) -> None:
        cookie = "; ".join(f"{c.name}={c.value}" for c in player.http.cookies.jar)
        async with websockets.connect(
            self.url.replace("http", "ws", 1) + "/ws/locations/",
            origin=websockets.Origin(self.url),
            additional_headers={"Cookie": cookie},
            proxy=None,
        ) as socket:
            while not self.stopped.is_set():
                for late_ms in (0, LATE_MS):
                    fix = _fix(late_ms)
                    await socket.send(json.dumps({"type": "fix", "n": 1, **fix}))
                    told = json.loads(await asyncio.wait_for(socket.recv(), 5))
                    self._note(user_id, fix["fix_ms"], told.get("status", told["type"]))
                    await asyncio.sleep(EVERY_S)

    def _note(self, user_id: int, fix_ms: int, status: str) -> None:
        if status in ("accepted", "stale"):
            self.taken.append(Taken(user_id, fix_ms, time.monotonic()))
        else:
            self.trouble[status] += 1


def _fix(late_ms: int = 0) -> dict[str, float]:
    fix_ms = time.time_ns() // 1_000_000 - late_ms
    return {"fix_ms": fix_ms, "lat": -10.9472, "lon": -37.0731, "accuracy_m": 10}


@dataclass(slots=True)
class Home:
    """A house with a way to look into its SQL and to kill what it stands on."""

    house: House
    database: Database | None

    def ask(self, query: str) -> list[list[int]]:
        if self.database:
            rows = self.database.ask(query)
        else:
            path = self.house.data_dir / "ringside.sqlite3"
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as link:
                rows = link.execute(query).fetchall()
        return [[int(figure) for figure in row] for row in rows]

    def kill(self, victim: str) -> None:
        if victim == "database":
            assert self.database is not None
            self.database.kill()
            self.database.start()
            return
        before = self.house.pid(victim)
        self.house.kill(victim)
        self.house.wait_until(lambda: self.house.pid(victim) not in (0, before), RECOVERY_TIMEOUT_S)

    def is_ready(self) -> bool:
        try:
            answer = httpx.get(f"{self.house.url}/readyz/", timeout=5, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def newest(self) -> dict[int, int]:
        rows = self.ask("SELECT user_id, fix_ms FROM locations_userlocation")
        return {row[0]: row[1] for row in rows}


@pytest.fixture
def home() -> Iterator[Home]:
    if IS_REAL and not shutil.which("mariadbd"):
        pytest.skip("MariaDB is not installed")
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        database = Database(Path(folder)) if IS_REAL else None
        settings = {"LIMITS_SCALE": "1000"} | ({"DATABASE_URL": database.url} if database else {})
        options = ("--no-demo",)
        try:
            with house_in(Path(folder), options=options, has_servers=False, **settings) as house:
                yield Home(house, database)
        finally:
            if database:
                processes.stop(database.child)


def _outlives(home: Home, phones: Phones, victim: str) -> tuple[float, float]:
    """Kill once; everybody goes on reporting, and what SQL knows best never moves back.

    Answers from when to when nobody knows what was still alive.
    """
    before = home.newest()
    killed_s = time.monotonic()
    home.kill(victim)
    home.house.wait_until(home.is_ready, RECOVERY_TIMEOUT_S)
    ready_s = time.monotonic()
    so_far = len(phones.taken)
    home.house.wait_until(lambda: len(phones.taken) > so_far + 4 * PHONES, RECOVERY_TIMEOUT_S)
    # A clock that has just been started is slow to come; nothing else dies before it works again.
    _is_written(home, phones)
    after = home.newest()
    assert all(after[user_id] >= fix_ms for user_id, fix_ms in before.items()), victim
    return killed_s, ready_s


def test_it_loses_no_more_than_seconds_and_nothing_goes_back(home: Home) -> None:
    spans_s: dict[str, tuple[float, float]] = {}
    with Phones(home.house.url) as phones:
        home.house.wait_until(lambda: len(phones.taken) > 10 * PHONES)
        for victim in ("web-1", "clock", "live", *(["database"] if IS_REAL else [])):
            spans_s[victim] = _outlives(home, phones, victim)
    killed_s, ready_s = spans_s["live"]
    # The last that a phone said may be an older fix, behind its newest in the queue.
    last = {each.user_id: each.fix_ms for each in phones.taken if each.at_s > ready_s}
    history = "SELECT user_id, fix_ms FROM locations_locationfix"
    home.house.wait_until(
        lambda: {*last.items()} <= {(row[0], row[1]) for row in home.ask(history)},
        RECOVERY_TIMEOUT_S,
    )
    rows = home.ask(history)
    stored = {(user_id, fix_ms) for user_id, fix_ms in rows}
    assert len(stored) == len(rows), "A fix is in history twice."
    lost = [fix for fix in phones.taken if (fix.user_id, fix.fix_ms) not in stored]
    ages_s = [killed_s - fix.at_s for fix in lost]
    print(f"{len(phones.taken)} taken, {len(lost)} lost, oldest {max(ages_s, default=0):.2f} s")  # noqa: T201
    assert all(killed_s - ready_s <= age_s <= LOSS_MAX_S for age_s in ages_s), "Lost for nothing."
    newest = home.newest()
    for user_id in {fix.user_id for fix in phones.taken}:
        assert newest[user_id] == max(ms for user, ms in stored if user == user_id)
    if home.database:
        told = home.database.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        assert told == [["Innodb_deadlocks", "0"]]


def _is_written(home: Home, phones: Phones) -> None:
    """Wait until the last fix of every phone has come to SQL."""
    last: dict[int, int] = {}
    for fix in phones.taken:
        last[fix.user_id] = max(fix.fix_ms, last.get(fix.user_id, 0))
    home.house.wait_until(
        lambda: all(home.newest()[user_id] >= fix_ms for user_id, fix_ms in last.items()),
        RECOVERY_TIMEOUT_S,
    )
