"""Which server of a Cluster has which slots, as one of its nodes tells it. Pure.

A club lies in one slot, so in one server. A server that is dead keeps its slots on this map: its
clubs are away, and nobody else's.
"""

import re
from binascii import crc_hqx
from dataclasses import dataclass, replace

SLOTS = 16384
_TAG = re.compile(r"{([^}]+)}")
_ADDRESS = re.compile(r"(?P<host>.*):(?P<port>\d+)(@\d+)?(,(?P<name>[^,]*))?")


@dataclass(frozen=True, slots=True)
class Map:
    """The primaries, as "host:port"; the one of each slot, empty where none has it.

    A primary may have no slot: it is new, or leaves. These come last.
    """

    primaries: tuple[str, ...]
    owners: tuple[str, ...]

    def owner(self, slot: int) -> str:
        """The primary of a slot; empty when nobody has it."""
        return self.owners[slot]

    def moved(self, slot: int, primary: str) -> "Map":
        """A map with one slot at another primary, which may be new here."""
        owners = (*self.owners[:slot], primary, *self.owners[slot + 1 :])
        known = self.primaries if primary in self.primaries else (*self.primaries, primary)
        return replace(self, primaries=known, owners=owners)


def slot_of(key: str) -> int:
    """The slot of a key: of its hash tag, when it has one."""
    tag = _TAG.search(key)
    return crc_hqx((tag[1] if tag else key).encode(), 0) % SLOTS


def read_map(told: str, asked: str) -> Map:
    """Read what CLUSTER NODES tells; a node that does not know its own host is the one `asked`."""
    owners, primaries = [""] * SLOTS, []
    for line in told.splitlines():
        _id, address, flags, _of, _ping, _pong, _epoch, _link, *slots = line.split()
        said = set(flags.split(","))
        if "master" not in said or said & {"noaddr", "handshake"}:
            continue
        ranges = [each for each in slots if not each.startswith("[")]
        # A primary whose replica took over is forgotten by the others in time.
        if "fail" in said and not ranges:
            continue
        name = _name(address, asked)
        primaries.append(name)
        for each in ranges:
            first, _, last = each.partition("-")
            for slot in range(int(first), int(last or first) + 1):
                owners[slot] = name
    serving = set(owners)
    in_order = sorted(primaries, key=lambda name: (name not in serving, name))
    return Map(tuple(in_order), tuple(owners))


def beside(address: str, asked: str) -> str:
    """An address that a server names; without a host it is on the machine that was asked."""
    host, _, port = address.rpartition(":")
    return f"{host or asked.rpartition(':')[0]}:{port}"


def _name(address: str, asked: str) -> str:
    match = _ADDRESS.fullmatch(address)
    assert match, f"CLUSTER NODES names a node as {address!r}"
    return beside(f"{match['name'] or match['host']}:{match['port']}", asked)
