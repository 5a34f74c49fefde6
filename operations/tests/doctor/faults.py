"""What goes wrong with Redis in the course of an evening, done to private instances for real."""

import socket
import time
from collections.abc import Callable
from typing import Any

from operations.tests.private_instances import Instances
from rooms import live
from tests.servers import free_ports

MB = 2**20


def stuck_reader(instances: Instances) -> Callable[[], None]:
    """A subscriber that never reads what it is told."""
    caller = instances.dial("live")
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.sendall(b"SUBSCRIBE news\r\n")
    assert caller.recv(100)
    live.ask([("PUBLISH", "news", "x" * MB) for _number in range(4)])
    return caller.close


def half_a_command(instances: Instances) -> Callable[[], None]:
    """A client that sends three megabytes of a value and not its end."""
    caller = instances.dial("bank")
    caller.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n" % (4 * MB) + b"x" * (3 * MB))
    return caller.close


def subscriber_at_the_bank(instances: Instances) -> Callable[[], None]:
    caller = instances.dial("bank")
    caller.sendall(b"SUBSCRIBE news\r\n")
    assert caller.recv(100)
    return caller.close


def failed_rewrite(instances: Instances) -> None:
    """What a rewrite has written cannot be put in its place."""
    for number in range(3, 9):
        (instances.home / "bank" / "appendonlydir" / f"appendonly.aof.{number}.base.aof").mkdir()
    instances.talk("bank", "BGREWRITEAOF")
    deadline = time.monotonic() + 30
    while instances.talk("bank", "INFO", "persistence")["aof_last_bgrewrite_status"] == "ok":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def evictions(instances: Instances) -> None:
    """More is cached than live has room for."""
    instances.set("live", "maxmemory", "4mb", "maxmemory-clients", "1gb")
    live.ask([("SET", f"cache:{n}", "x" * 10_000, "EX", 900) for n in range(600)])
    instances.set("live", "maxmemory", "128mb", "maxmemory-clients", "25%")


def full_bank(instances: Instances) -> None:
    used = instances.talk("bank", "INFO", "memory")["used_memory"]
    instances.set("bank", "maxmemory", str(int(used / 0.8)))


def big_key(instances: Instances) -> None:
    """The nicknames of everybody who ever joined, in a list without a limit."""
    instances.set("live", "maxmemory", "32mb")
    names = ["a-nickname-of-somebody"] * 10_000
    live.ask([("RPUSH", "cache:names", *names) for _turn in range(20)])
    live.ask([("EXPIRE", "cache:names", 900)])


def replica(instances: Instances) -> None:
    instances.talk("bank", "REPLICAOF", "127.0.0.1", "1")


def open_door(instances: Instances) -> None:
    """Listening everywhere, without a password."""
    instances.set("live", "bind", "* -::*", "protected-mode", "no")
    instances.set("live", "port", str(*free_ports(1)))


def turned_away(instances: Instances) -> None:
    """More clients than there are places."""
    instances.set("live", "maxclients", "3")
    callers = [instances.dial("live") for _number in range(4)]
    for caller in callers[:-1]:
        caller.close()
    assert b"max number of clients" in callers[-1].recv(100)
    callers[-1].close()
    instances.set("live", "maxclients", "10000")


def slow_command(instances: Instances) -> None:
    """A script that keeps the one thread busy, longer and longer until it is half a second."""
    turns, took_s = 10_000_000, 0.0
    with instances.dial("live") as caller:
        while took_s < 0.55:
            began_s = time.monotonic()
            caller.sendall(b"EVAL 'for n = 1, %d do end return 1' 0\r\n" % turns)
            assert caller.recv(100) == b":1\r\n"
            took_s = time.monotonic() - began_s
            turns *= 2


def endless_key(instances: Instances) -> None:
    live.ask([("SET", "somebody:forgot", "an end")])


def key_with_an_end(instances: Instances) -> None:
    instances.talk("bank", "SET", "{c1}:m:1:bets", "first answers", "EX", 900)


def holes_in_the_heap(instances: Instances) -> None:
    """Many values, and then all but each twentieth go."""
    parts = [range(start, start + 10_000) for start in range(0, 160_000, 10_000)]
    for part in parts:
        live.ask([("SET", f"cache:{n}", "x" * 400, "EX", 900) for n in part])
    for part in parts:
        live.ask([("UNLINK", *(f"cache:{n}" for n in part if n % 20))])


FAULTS: dict[str, tuple[str, Callable[[Instances], Any]]] = {
    "output-buffer": ("live", stuck_reader),
    "input-buffer": ("bank", half_a_command),
    "pubsub": ("bank", subscriber_at_the_bank),
    "evicted": ("live", evictions),
    "full": ("bank", full_bank),
    "big-key": ("live", big_key),
    "replica": ("bank", replica),
    "open-door": ("live", open_door),
    "maxclients": ("live", turned_away),
    "slow": ("live", slow_command),
    "endless-key": ("live", endless_key),
    "ending-key": ("bank", key_with_an_end),
}
