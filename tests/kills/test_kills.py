"""Killed at random under load: no accepted bet is lost, none counts twice, payments end once."""

import asyncio
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest

from betting.wire.messages import BetAccepted
from launcher import engines, processes
from simulation.player import Player, PlayerRefused, RoomClient
from tests.servers import House, house_in

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not shutil.which("mariadbd"), reason="MariaDB is not installed"),
]

PLAYERS = 6
RECOVERY_TIMEOUT_S = 90


class Database:
    """A MariaDB of this test's own: the launcher does not look after it, so we do."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder / "mariadb", folder / "mariadb.sock"
        self.url = engines.mariadb_url(self.socket)
        self.start()

    def start(self) -> None:
        self.child = engines.start_mariadb(self.folder, self.socket)

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def ask(self, query: str) -> list[list[str]]:
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-NB"]
        told = subprocess.run([*command, "ringside", "-e", query], capture_output=True, check=True)
        return [line.split("\t") for line in told.stdout.decode().splitlines()]


class Evening:
    """People who bet and a host who asks and settles, in a thread, until told to stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.accepted: dict[str, BetAccepted] = {}
        self.markets: list[int] = []
        self.refused: Counter[str] = Counter()
        self.stopped = threading.Event()
        self.clients: list[RoomClient] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> "Evening":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "The players did not go home."

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            host = await stack.enter_async_context(Player(self.url))
            await host.guest()
            room = await host.open_room("An evening of power cuts", official_after_s=0)
            for _ in range(PLAYERS):
                player = await stack.enter_async_context(Player(self.url))
                await player.guest()
                self.clients.append(await player.join(room.code))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._host(host, room.code))
                for number, client in enumerate(self.clients):
                    group.create_task(self._bet(client, number))
            for client in self.clients:
                assert not client.is_over, f"somebody was sent away with {client.close_code}"
                await client.leave()

    async def _host(self, host: Player, code: str) -> None:
        while not self.stopped.is_set():
            with suppress(httpx.TransportError):
                try:
                    market = await host.ask(code, "Who goes down?", ["Red", "Blue"])
                    self.markets.append(market.id)
                    await asyncio.sleep(random.uniform(0.5, 1.5))
                    locked = await host.step(market.id, "lock")
                    if locked.status == "locked":
                        winner = random.choice(market.outcomes).id
                        await host.step(market.id, "settle", winners=[winner])
                except PlayerRefused as error:
                    self.refused[f"host: {error}"] += 1

    async def _bet(self, client: RoomClient, number: int) -> None:
        while not self.stopped.is_set():
            await asyncio.sleep(random.uniform(0.02, 0.08))
            market = next((m for m in client.markets.values() if m.status == "open"), None)
            if market is None:
                continue
            outcome = market.outcomes[number % 2].id
            try:
                answer = await client.bet(market.id, outcome, random.randint(1, 3))
            except PlayerRefused as error:
                self.refused[error.code] += 1
            else:
                self.accepted[answer.bet_id] = answer


@pytest.fixture
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        database = Database(Path(folder))
        yield database
        processes.stop(database.child)


def _is_ready(house: House) -> bool:
    try:
        return httpx.get(f"{house.url}/readyz/", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _kill(victim: str, house: House, database: Database) -> None:
    if victim == "database":
        database.kill()
        database.start()
        return
    before = house.pid(victim)
    house.kill(victim)
    house.wait_until(lambda: house.pid(victim) not in (0, before), RECOVERY_TIMEOUT_S)


def _kill_at_random(
    times: int, house: House, database: Database, evening: Evening, chance: random.Random
) -> None:
    victims = ["web-1", "clock", "bank", "database"] * times
    chance.shuffle(victims)
    for victim in victims:
        time.sleep(chance.uniform(0.2, 1.0))
        _kill(victim, house, database)
        house.wait_until(lambda: _is_ready(house), RECOVERY_TIMEOUT_S)
        so_far = len(evening.accepted)
        house.wait_until(lambda n=so_far: len(evening.accepted) > n, RECOVERY_TIMEOUT_S)  # type: ignore[misc]


def _finish(database: Database, house: House) -> None:
    """Wait until nothing is being paid and everything is recorded."""
    paying = (
        "SELECT COUNT(*) FROM betting_market"
        " WHERE decide_seq IS NOT NULL AND status NOT IN ('settled', 'void')"
    )
    house.wait_until(lambda: database.ask(paying) == [["0"]], RECOVERY_TIMEOUT_S)


def _check(database: Database, evening: Evening) -> None:
    rows = database.ask(
        "SELECT command, seq, coins, market_id FROM betting_ledgerentry WHERE kind = 'bet'"
    )
    entries = {command: (seq, coins, market) for command, seq, coins, market in rows}
    assert len(entries) == len(rows), "A bet is in the ledger twice."
    for bet_id, bet in evening.accepted.items():
        assert entries.get(bet_id) == (str(bet.seq), str(bet.stake), str(bet.market)), bet
    marks = database.ask(
        "SELECT market_id, kind, COUNT(*) FROM betting_ledgerentry"
        " WHERE kind IN ('settle', 'void', 'done') GROUP BY market_id, kind"
    )
    assert all(count == "1" for _, _, count in marks), "A market was decided or paid twice."
    done = {market for market, kind, _ in marks if kind == "done"}
    decided = {market for market, kind, _ in marks if kind != "done"}
    assert done == decided, "A payment never ended."
    assert done & {str(market) for market in evening.markets}, "Nothing was paid."


def _survives(times: int, database: Database) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - whoever repeats a failure needs it.
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as folder,
        house_in(
            Path(folder),
            options=("--no-demo",),
            # The launcher starts again what is killed here.
            has_servers=False,
            DATABASE_URL=database.url,
            LIMITS_SCALE="1000",
        ) as house,
    ):
        with Evening(house.url) as evening:
            house.wait_until(lambda: len(evening.accepted) > 20, RECOVERY_TIMEOUT_S)
            _kill_at_random(times, house, database, evening, random.Random(seed))
        _finish(database, house)
        _check(database, evening)
        told = house.manage("reconcile", "--all")
        assert told.returncode == 0, told.stdout + told.stderr
        print(f"{len(evening.accepted)} accepted, refused {dict(evening.refused)}")  # noqa: T201


def test_it_keeps_every_accepted_bet_when_killed_at_random(database: Database) -> None:
    _survives(3, database)


@pytest.mark.long
def test_it_keeps_every_accepted_bet_when_killed_often(database: Database) -> None:
    _survives(20, database)
