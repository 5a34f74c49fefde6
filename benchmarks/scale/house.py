"""A house on a Cluster: rooms of several clubs, and as many web processes as are asked for.

The people of a room meet in one process, as nginx sends them.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from accounts.auth import cookies
from benchmarks.scale.cluster import Node, clubs_at, cluster, free_ports, url_of
from benchmarks.sides import members
from benchmarks.sides.ringside import LIMITS_SCALE, START_TIMEOUT_S
from benchmarks.sides.side import COINS, HOST, worked_s
from benchmarks.sockets import Person
from launcher import processes
from launcher.private_house import House, PrivateEngines, private_house
from launcher.venv import ROOT
from simulation.player import Player

ROOMS, CLUBS = 12, 6
OURS = {"web-1": "web", "clock": "clock", "sql": "sql", "live": "live"}
_MOVE = (
    "from rooms.models import Club, Room; from operations import gate_watch\n"
    "for code, club in {}.items():\n"
    "    Club.objects.get_or_create(pk=club, slug=f'club{{club}}', title=f'Club {{club}}')\n"
    "    Room.objects.filter(code=code).update(club=club)\n"
    "gate_watch.inspect()\n"
)


class WideHouse:
    """The house; its first web process is the launcher's, the others listen on ports of theirs."""

    def __init__(self, house: House, nodes: list[Node]) -> None:
        self.house, self.nodes = house, nodes
        self.webs: list[subprocess.Popen[bytes]] = []
        self.ports = [house.port]
        # Code, market, outcomes.
        self.rooms: list[tuple[str, int, list[int]]] = []

    @property
    def pids(self) -> dict[str, list[int]]:
        """The processes of each kind."""
        found: dict[str, list[int]] = {kind: [] for kind in OURS.values()}
        for name, kind in OURS.items():
            found[kind].append(self.house.pid(name) or self.house.outside[name])
        found["web"] += [child.pid for child in self.webs]
        return {**found, "bank": [node.child.pid for node in self.nodes]}

    def worked_s(self) -> dict[str, float]:
        """The processor time of each kind since it was started."""
        return {kind: sum(map(worked_s, pids)) for kind, pids in self.pids.items()}

    def calls(self) -> int:
        """Calls that may change something, which all primaries took so far."""
        told = [node.ask("INFO", "commandstats") for node in self.nodes]
        return sum(each.get("cmdstat_fcall", {}).get("calls", 0) for each in told)

    def start_web(self, count: int) -> None:
        """Have so many web processes, and wait until each is ready."""
        chosen = json.loads((self.house.data_dir / "running.json").read_text())["settings"]
        env = {**self.house.env, **chosen, "DATA_DIR": str(self.house.data_dir)}
        while len(self.ports) < count:
            [port] = free_ports(1)
            command = [sys.executable, "-P", "-m", "config.serve", "--port", str(port)]
            log = self.house.data_dir / "logs" / f"web-{port}.log"
            self.webs.append(processes.start(command, log=log, env=env, cwd=ROOT))
            self.ports.append(port)
            self.house.wait_until(lambda port=port: _is_ready(port), START_TIMEOUT_S)  # type: ignore[misc]

    async def open_rooms(self) -> None:
        """Have a host open the rooms in clubs of all primaries, and one market in each."""
        clubs = clubs_at(len(self.nodes), CLUBS)
        async with Player(self.house.url) as host:
            await host.guest("Hana")
            codes = [(await host.open_room(f"Room {number}")).code for number in range(ROOMS)]
            moves = {code: clubs[at * CLUBS // ROOMS] for at, code in enumerate(codes)}
            await asyncio.to_thread(self._shell, _MOVE.format(moves))
            for code in codes:
                market = await host.ask(code, "Who wins?", ["Red", "Blue"])
                await host.step(market.id, "open")
                self.rooms.append((code, market.id, [outcome.id for outcome in market.outcomes]))

    async def make_people(self, count: int, *, rooms: int = ROOMS) -> list[tuple[int, str]]:
        """New members of the first rooms in turn: the number of their room, and their token."""
        codes = [code for code, _market, _outcomes in self.rooms[:rooms]]
        said = await asyncio.to_thread(self._shell, members.script(count, codes, COINS))
        tokens: list[str] = json.loads(said.splitlines()[-1])
        return [(number % rooms, token) for number, token in enumerate(tokens)]

    def person(self, number: int, token: str) -> Person:
        """Somebody who goes to the process where their room is."""
        code, market, outcomes = self.rooms[number]
        port = self.ports[number % len(self.ports)]
        headers = {"Cookie": f"{cookies.ACCESS}={token}", "Origin": self.house.url}
        url = f"ws://{HOST}:{port}/ws/rooms/{code}/"
        return Person(url, headers, (market, outcomes[number % 2]))

    def publish(self, count: int) -> float:
        """Send the first process as many messages as one sends another, all ignored.

        Returns the processor time of sending them, in seconds.
        """
        said = self._shell(
            "import asyncio, time; from channels.layers import get_channel_layer\n"
            "from rooms.models import Room\n"
            f"room = Room.objects.get(code={self.rooms[0][0]!r})\n"
            "message = {'kind': 'nothing', 'room_id': room.pk, 'user_ids': [1] * 50}\n"
            "async def send():\n"
            f"    for _ in range({count}):\n"
            "        await get_channel_layer().group_send(f'room.{room.pk}', message)\n"
            "began_s = time.process_time(); asyncio.run(send())\n"
            "print(time.process_time() - began_s)"
        )
        return float(said.splitlines()[-1])

    def stop(self) -> None:
        """End the processes that are not the launcher's."""
        for child in self.webs:
            processes.stop(child)

    def _shell(self, script: str) -> str:
        made = self.house.manage("shell", "-c", script, timeout_s=300)
        if made.returncode:
            raise RuntimeError(made.stderr)
        return made.stdout


@contextmanager
def wide_house(folder: Path, primaries: int) -> Iterator[WideHouse]:
    """Run a house on MariaDB, a live Redis, and a bank of so many primaries."""
    engines = PrivateEngines(folder)
    engines.names = ("sql", "live")
    folder.mkdir()
    try:
        engines.start_all()
        with cluster(folder / "bank", primaries) as nodes:
            named = {**engines.settings, "REDIS_BANK_URL": url_of(nodes)}
            with private_house(
                folder, options=("--no-demo",), has_servers=False, port=0,
                timeout_s=START_TIMEOUT_S, LIMITS_SCALE=LIMITS_SCALE, WEB_WORKERS="1", **named,
            ) as house:  # fmt: skip
                house.outside = engines.pids
                made = WideHouse(house, nodes)
                try:
                    asyncio.run(made.open_rooms())
                    yield made
                finally:
                    made.stop()
    finally:
        engines.stop_all()


def _is_ready(port: int) -> bool:
    try:
        return bool(build_opener(ProxyHandler({})).open(f"http://{HOST}:{port}/readyz/", timeout=5))
    except (OSError, HTTPException):
        return False
