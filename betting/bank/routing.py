"""The way of a command to the server that has its slot. Pure: connections.py sends each step.

No server is needed to begin: the map of a Cluster is asked of whichever node answers. A server
that let one call wait in vain rests: calls about its clubs fail at once until it answers again, so
that nobody else's call stands behind them.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from betting.bank.address import Address, read_address
from betting.bank.errors import BankAway, BankBroken, BankSlow, Elsewhere
from betting.bank.slots import Map, beside, read_map, slot_of

# The name of the only server, where the bank is no Cluster.
ALONE = "bank"
MAP_LASTS_S = 1.0
# After a failure it is read anew sooner: a replica may have been promoted.
MAP_LASTS_AFTER_FAILURE_S = 0.2
REDIRECTIONS_MAX = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One command to one server; `is_asking` where the slot is on its way to that server."""

    server: str
    words: tuple[Any, ...]
    is_asking: bool = False


# Yields steps, takes the answer of each or what it raised, and returns the last answer.
Steps = Generator[Step, Any, Any]


class Servers:
    """The servers behind one REDIS_BANK_URL, as this process knows them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.resting: set[str] = set()
        self._map: Map | None = None
        # Rises with each reading of the map.
        self.readings = 0
        self._read_at_s = float("-inf")
        # When each server failed last.
        self._failed_at_s: dict[str, float] = {}

    def send(self, words: tuple[Any, ...], key: str) -> Steps:
        """Send a command about a key to the server that has it, wherever it moves meanwhile.

        Following a slot repeats nothing: a server that has not got it decides nothing.
        """
        if not self.address.is_cluster:
            return (yield Step(ALONE, words))
        slot, step = slot_of(key), None
        for _turn in range(REDIRECTIONS_MAX):
            if step is None:
                step = Step((yield from self.primary_of(slot)), words)
            try:
                return (yield from self._take(step))
            except Elsewhere as other:
                address = beside(other.address, step.server)
                if other.is_for_this_call:
                    step = Step(address, words, is_asking=True)
                else:
                    self._map = self._known().moved(slot, address)
                    self._read_at_s, step = float("-inf"), Step(address, words)
        raise BankAway(f"slot {slot} is moved to and fro")

    def primary_of(self, slot: int) -> Steps:
        """The server that has a slot. Raises BankAway."""
        if not self.address.is_cluster:
            return ALONE
        if self._map is None or self._leads_nowhere(self._map.owner(slot)):
            yield from self._read_map()
        if not (owner := self._known().owner(slot)):
            raise BankAway(f"no server of the Cluster has slot {slot}")
        return owner

    def known_primary_of(self, slot: int) -> str:
        """The server that had a slot when the map was read last; empty before the first time."""
        if not self.address.is_cluster:
            return ALONE
        return self._map.owner(slot) if self._map else ""

    def primaries(self, *, anew: bool = False) -> Steps:
        """The names of all primaries, also of those away; read `anew`, or at most once a second."""
        if not self.address.is_cluster:
            return (ALONE,)
        if self._map is None or anew or self._is_older(MAP_LASTS_S):
            yield from self._read_map()
        return self._known().primaries

    def to(self, server: str, words: tuple[Any, ...]) -> Steps:
        """Send a command to one server."""
        return (yield from self._take(Step(server, words)))

    def note(self, server: str, error: Exception) -> None:
        """Take note that a server failed, and have it rest where others could be held up."""
        self._failed_at_s[server] = time.monotonic()
        if isinstance(error, BankSlow) and self._map and len(self._map.primaries) > 1:
            self.resting.add(server)

    def _take(self, step: Step) -> Steps:
        if step.server in self.resting:
            raise BankAway(f"{step.server} does not answer")
        try:
            return (yield step)
        except (BankBroken, Elsewhere):
            raise
        except BankAway as error:
            self.note(step.server, error)
            raise

    def _leads_nowhere(self, owner: str) -> bool:
        """Whether the map names nobody, or a server that failed since it was read."""
        failed_at_s = self._failed_at_s.get(owner, float("-inf"))
        is_doubtful = not owner or failed_at_s > self._read_at_s
        return is_doubtful and self._is_older(MAP_LASTS_AFTER_FAILURE_S)

    def _is_older(self, seconds: float) -> bool:
        return time.monotonic() - self._read_at_s > seconds

    def _known(self) -> Map:
        assert self._map is not None
        return self._map

    def _read_map(self) -> Steps:
        """Ask one node after the other for the map. Keeps the old one while none answers."""
        # Others go on with the old one meanwhile.
        self._read_at_s = time.monotonic()
        why = BankAway("every node rests")
        for server in self._askable():
            try:
                told = yield from self.to(server, ("CLUSTER", "NODES"))
            except BankBroken as broken:
                raise BankBroken(f"{server} is no node of a Cluster: {broken}") from broken
            except BankAway as error:
                why = error
                continue
            found = read_map(told, server)
            if not any(found.owners):
                # It was taken out of the Cluster, and knows of nobody.
                why = BankAway(f"{server} knows of no slot")
                continue
            self._map = found
            self.readings += 1
            self.resting.intersection_update(self.known())
            return
        if self._map is None:
            self._read_at_s = float("-inf")
            raise why

    def known(self) -> list[str]:
        """The primaries, and the nodes that the address names."""
        if not self.address.is_cluster:
            return [ALONE]
        named = [_name_of(url) for url in self.address.urls]
        return list(dict.fromkeys([*(self._map.primaries if self._map else ()), *named]))

    def _askable(self) -> list[str]:
        return [name for name in self.known() if name not in self.resting]


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"


@cache
def servers(url: str) -> Servers:
    """The servers of an address. Raises ImproperlyConfigured when it cannot be read."""
    return Servers(read_address(url))
