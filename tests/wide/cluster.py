"""A private Redis Cluster on loopback: three primaries, and more nodes when asked for."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import redis

from betting.bank.slots import SLOTS, slot_of
from launcher import engines, processes
from launcher.venv import ROOT
from tests.servers import free_ports

PRIMARIES = 3
NODE_TIMEOUT_MS = 1500
PATIENCE_S = 30.0
# The deployment's, but for how soon a node counts as dead.
_TEXT = (ROOT / "deploy" / "redis" / "cluster.conf").read_text()
SETTINGS = {
    **engines.BANK_SETTINGS,
    **dict(re.findall(r"^(cluster-[\w-]+) (.+)$", _TEXT, re.MULTILINE)),
    "cluster-node-timeout": str(NODE_TIMEOUT_MS),
    "maxmemory": "96mb",
    "bind": "127.0.0.1",
}


class Cluster:
    """Nodes by number, 0 to 2 the first primaries: a third of the slots each, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: list[int] = []
        self._commands: list[list[str]] = []
        self.children: list[subprocess.Popen[bytes]] = []
        # Whether somebody changed who is who: nobody else may use it.
        self.is_spoilt = False
        ports = free_ports(2 * PRIMARIES)
        for number in range(PRIMARIES):
            self.add(*ports[2 * number : 2 * number + 2])
        for number in range(PRIMARIES):
            first, last = SLOTS * number // PRIMARIES, SLOTS * (number + 1) // PRIMARIES - 1
            # Epochs that differ, so that nobody has to agree on them first.
            self.ask(number, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            self.ask(number, "CLUSTER", "ADDSLOTSRANGE", first, last)
        for number in range(1, PRIMARIES):
            self.meet(number)
        self.settle()

    @property
    def url(self) -> str:
        """The address, with two of the three nodes in it."""
        named = ",".join(f"127.0.0.1:{port}" for port in self.ports[:2])
        return f"redis://{named}/0?cluster=1"

    def name(self, number: int) -> str:
        """What the bank calls a node."""
        return f"127.0.0.1:{self.ports[number]}"

    def add(self, port: int = 0, bus_port: int = 0) -> int:
        """Start one more node, which nobody knows yet; returns its number."""
        if not port:
            port, bus_port = free_ports(2)
        self.ports.append(port)
        number = len(self.children)
        place = self.files(number)
        place.mkdir(parents=True, exist_ok=True)
        command = [engines.redis_server(), "--port", str(port), "--cluster-port", str(bus_port)]
        command += ["--dir", str(place)]
        for setting, value in SETTINGS.items():
            command += [f"--{setting}", value]
        self._commands.append(command)
        self.children.append(self._begin(number))
        self.wait_until(lambda: self.answers(number))
        return number

    def meet(self, number: int) -> None:
        """Have a node meet the others."""
        host_port = ("127.0.0.1", self.ports[0])
        bus_port = int(self._commands[0][self._commands[0].index("--cluster-port") + 1])
        self.ask(number, "CLUSTER", "MEET", *host_port, bus_port)

    def files(self, number: int) -> Path:
        """The folder of a node."""
        return self.folder / f"node-{number}"

    def has_caught_up(self, number: int) -> bool:
        """Whether a replica of a node holds all that it was sent."""
        role, offset, replicas = self.ask(number, "ROLE")
        return bool(role == "master" and replicas and int(replicas[0][2]) >= int(offset) > 0)

    def settle(self) -> None:
        """Wait until all nodes agree that all slots are served."""
        self.wait_until(lambda: all(map(self.knows_all, range(len(self.children)))))

    def knows_all(self, number: int) -> bool:
        """Whether a node is connected with all that run, and all slots are served."""
        told = str(self.ask(number, "CLUSTER", "INFO"))
        nodes = str(self.ask(number, "CLUSTER", "NODES"))
        return (
            "cluster_slots_ok:16384" in told
            and nodes.count(" connected") >= sum(each.poll() is None for each in self.children)
            and "handshake" not in nodes
            and "cluster_state:ok" in told
        )

    def start(self, number: int) -> None:
        """Start a node that was killed, and wait until it answers."""
        self.children[number] = self._begin(number)
        self.wait_until(lambda: self.answers(number))

    def kill(self, number: int) -> None:
        """SIGKILL a node and wait for its end."""
        self.children[number].send_signal(signal.SIGKILL)
        self.children[number].wait()

    def send_signal(self, number: int, what: signal.Signals) -> None:
        """Tell a node something, such as SIGSTOP."""
        self.children[number].send_signal(what)

    def ask(self, number: int, *words: Any) -> Any:
        """Send a node a command, as an operator would."""
        with redis.Redis(port=self.ports[number], decode_responses=True, socket_timeout=10) as line:
            return line.execute_command(*words)

    def answers(self, number: int) -> bool:
        """Whether a node has read its files and answers."""
        try:
            return bool(self.ask(number, "PING"))
        except redis.RedisError:
            return False

    def id_of(self, number: int) -> str:
        """The name that the nodes have for one another."""
        return str(self.ask(number, "CLUSTER", "MYID"))

    def move_slot(self, slot: int, source: int, target: int, pause_s: float = 0.0) -> None:
        """Move a slot key by key, as `redis-cli --cluster reshard` does."""
        ids = self.id_of(source), self.id_of(target)
        self.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        self.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        while keys := self.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 1):
            to = ("127.0.0.1", self.ports[target])
            self.ask(source, "MIGRATE", *to, "", 0, 5000, "KEYS", *keys)
            time.sleep(pause_s)
        for number in (target, source):
            self.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", ids[1])

    def hand_over(self, slots: Collection[int], target: int) -> None:
        """Give a node slots in which nothing lies; every node is told, as by `redis-cli`."""
        name = self.id_of(target)
        for number in (target, *(each for each in range(len(self.children)) if each != target)):
            with (
                redis.Redis(port=self.ports[number], socket_timeout=30) as line,
                line.pipeline(transaction=False) as pipe,
            ):
                for slot in slots:
                    pipe.execute_command("CLUSTER", "SETSLOT", slot, "NODE", name)
                pipe.execute()

    def empty(self) -> None:
        """Forget every key and every function, in all nodes that answer."""
        for number in range(len(self.children)):
            self.ask(number, "FLUSHALL", "SYNC")
            self.ask(number, "FUNCTION", "FLUSH", "SYNC")

    def drop(self, number: int) -> None:
        """End the node that was added last, for good; the next one has another name."""
        assert number == len(self.children) - 1
        self.kill(number)
        shutil.rmtree(self.files(number))
        for kept in (self.children, self.ports, self._commands):
            kept.pop()

    def close(self) -> None:
        """End all nodes."""
        for child in self.children:
            child.kill()
            child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until(self, is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait for something to come true."""
        deadline = time.monotonic() + patience_s
        while not is_so():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-3000:]
            time.sleep(0.02)

    def _begin(self, number: int) -> subprocess.Popen[bytes]:
        return processes.start(self._commands[number], log=self.folder / "log")


def clubs_of(number: int, count: int) -> list[int]:
    """Numbers of clubs that lie with one of the first primaries, from 2 on."""
    found: list[int] = []
    club_id = 1
    while len(found) < count:
        club_id += 1
        if slot_of(f"{{c{club_id}}}") * PRIMARIES // SLOTS == number:
            found.append(club_id)
    return found
