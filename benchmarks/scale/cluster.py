"""The bank of the scale bench: a Redis Cluster of one, two or three primaries on loopback."""

import re
import socket as sockets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from betting.bank.slots import SLOTS, slot_of
from launcher import engines, processes
from launcher.venv import ROOT

HOST = "127.0.0.1"
PATIENCE_S = 60
# The deployment's words for a Cluster.
_TEXT = (ROOT / "deploy" / "redis" / "cluster.conf").read_text()
SETTINGS = {
    **engines.BANK_SETTINGS,
    **dict(re.findall(r"^(cluster-[\w-]+) (.+)$", _TEXT, re.MULTILINE)),
    "maxmemory": "1gb",
    "bind": HOST,
}


class Node:
    """A primary, which runs once it is made."""

    def __init__(self, folder: Path, port: int, bus_port: int) -> None:
        self.port, self.bus_port = port, bus_port
        folder.mkdir(parents=True)
        command = [engines.redis_server(), "--port", str(port), "--cluster-port", str(bus_port)]
        command += ["--dir", str(folder)]
        for setting, value in SETTINGS.items():
            command += [f"--{setting}", value]
        self.child: subprocess.Popen[bytes] = processes.start(command, log=folder / "log")

    def ask(self, *words: Any) -> Any:
        """Send a command. Raises redis.RedisError."""
        with redis.Redis(port=self.port, decode_responses=True, socket_timeout=10) as line:
            return line.execute_command(*words)

    def is_well(self) -> bool:
        """Whether it answers, and all slots are served."""
        try:
            told = str(self.ask("CLUSTER", "INFO"))
        except redis.RedisError:
            return False
        return "cluster_state:ok" in told and f"cluster_slots_ok:{SLOTS}" in told


@contextmanager
def cluster(folder: Path, primaries: int) -> Iterator[list[Node]]:
    """So many primaries with equal shares of the slots, in their order."""
    ports = free_ports(2 * primaries)
    nodes = [Node(folder / f"node-{number}", *ports[2 * number : 2 * number + 2])
             for number in range(primaries)]  # fmt: skip
    try:
        _wait_until(lambda: all(_answers(node) for node in nodes))
        for number, node in enumerate(nodes):
            # Epochs that differ, so that nobody has to agree on them first.
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            first, last = SLOTS * number // primaries, SLOTS * (number + 1) // primaries - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
            if number:
                node.ask("CLUSTER", "MEET", HOST, nodes[0].port, nodes[0].bus_port)
        _wait_until(lambda: all(node.is_well() for node in nodes))
        yield nodes
    finally:
        for node in nodes:
            processes.stop(node.child)


def url_of(nodes: list[Node]) -> str:
    """The address for REDIS_BANK_URL."""
    return f"redis://{','.join(f'{HOST}:{node.port}' for node in nodes)}/0?cluster=1"


def clubs_at(primaries: int, count: int) -> list[int]:
    """Numbers of clubs, as many with each of the primaries: those of the first one come first."""
    each = count // primaries
    found: list[list[int]] = [[] for _ in range(primaries)]
    # The first club is the main one.
    club_id = 1
    while any(len(some) < each for some in found):
        club_id += 1
        here = found[slot_of(f"{{c{club_id}}}") * primaries // SLOTS]
        if len(here) < each:
            here.append(club_id)
    return [club_id for some in found for club_id in some]


def _answers(node: Node) -> bool:
    try:
        return bool(node.ask("PING"))
    except redis.RedisError:
        return False


def _wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "the Cluster does not come up"
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    lines = [sockets.create_server((HOST, 0)) for _ in range(count)]
    ports = [line.getsockname()[1] for line in lines]
    for line in lines:
        line.close()
    return ports
