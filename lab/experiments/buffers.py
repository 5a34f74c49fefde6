"""Half a command: what lies in a client's input buffer, and what a mere announcement takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import hiredis

from lab.line import Line, pack
from lab.report import Claim, Table
from lab.workshop import Server

VALUE_BYTES = 1_000_000
ANNOUNCED_BYTES = 64 * 2**20
ANNOUNCEMENT = b"*3\r\n$3\r\nSET\r\n$4\r\nhuge\r\n$%d\r\n" % ANNOUNCED_BYTES
MEMORY_MB = 32
NEIGHBOUR_CALLS = 1000
PATIENCE_S = 10

NO_LIMIT = "no limit"
# Each limit with its value at rest and the one that is tried.
LIMITS = {
    "client-query-buffer-limit": ("1gb", "16mb"),
    "proto-max-bulk-len": ("512mb", "16mb"),
    "maxmemory-clients": ("0", "16mb"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A command on its way: bytes sent, bytes in the buffer, times executed, others answered."""

    label: str
    sent: int
    qbuf: int
    executed: int
    neighbours: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """What 64 MB announced and not sent did to memory, to its client and to a neighbour."""

    limit: str
    taken_bytes: int
    is_client_gone: bool
    is_neighbour_refused: bool


class _Watch:
    """A neighbour who asks the server about another client."""

    def __init__(self, line: Line, client: Line) -> None:
        self._line = line
        self._client_id = client.call("CLIENT", "ID")
        self._begun = self._used()

    def stage(self, label: str, sent: int) -> Stage:
        answered = self._line.pipeline([("INCR", "neighbour")] * NEIGHBOUR_CALLS)
        told = self._line.figures("commandstats").get("cmdstat_set", "calls=0,")
        executed = int(told.partition("=")[2].partition(",")[0])
        served = sum(isinstance(one, int) for one in answered)
        return Stage(label, sent, self.qbuf(), executed, served)

    def qbuf(self) -> int:
        """Bytes that arrived and wait for the rest of their command."""
        return int(dict(pair.split("=", 1) for pair in self._told().split())["qbuf"])

    def is_gone(self) -> bool:
        return not self._told()

    def taken(self) -> int:
        """Bytes that the server holds beyond the beginning."""
        return self._used() - self._begun

    def _told(self) -> str:
        return str(self._line.call("CLIENT", "LIST", "ID", self._client_id)).strip()

    def _used(self) -> int:
        return int(self._line.figures("memory")["used_memory"])


def send_half(server: Server) -> list[Stage]:
    """Send a SET in two halves; look before, between and afterwards."""
    with server.line() as client, server.line() as line:
        whole = pack("SET", "half", "x" * VALUE_BYTES)
        cut = len(whole) // 2
        watch = _Watch(line, client)
        stages = [watch.stage("nothing", 0)]
        client.send(whole[:cut])
        # The words before the value have left the buffer by then.
        _wait(lambda: watch.qbuf() > cut - 100)
        stages.append(watch.stage("half of it", cut))
        client.send(whole[cut:])
        client.read()
        return [*stages, watch.stage("all of it", len(whole))]


def announce(server: Server) -> list[Announcement]:
    """Announce a large value and send none of it: without a limit, then under each."""
    with server.line() as line:
        line.call("CONFIG", "SET", "maxmemory", f"{MEMORY_MB}mb")
        announced = [_announce(server, line, NO_LIMIT)]
        for limit, (at_rest, tried) in LIMITS.items():
            line.call("CONFIG", "SET", limit, tried)
            announced.append(_announce(server, line, limit))
            line.call("CONFIG", "SET", limit, at_rest)
        line.call("CONFIG", "SET", "maxmemory", 0)
        return announced


def _announce(server: Server, line: Line, limit: str) -> Announcement:
    with server.line() as client:
        watch = _Watch(line, client)
        client.send(ANNOUNCEMENT)
        _wait(lambda: watch.is_gone() or watch.taken() >= ANNOUNCED_BYTES)
        taken, is_gone = watch.taken(), watch.is_gone()
        answer = line.pipeline([("SET", "neighbour", 1)])[0]
    _wait(watch.is_gone)
    return Announcement(limit, max(0, taken), is_gone, isinstance(answer, hiredis.ReplyError))


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until() and time.monotonic() < deadline:
        time.sleep(0.01)


def claims(stages: list[Stage], announced: list[Announcement]) -> list[Claim]:
    """Half a command is memory and nothing else; an announcement is memory, too."""
    before, half, whole = stages
    free, query_buffer, bulk, clients = announced
    return [
        Claim(f"half a command lies in the input buffer ({half.qbuf:,} bytes) and does nothing",
              half.qbuf > VALUE_BYTES // 2 - 100 and half.executed == before.executed),
        Claim("meanwhile every neighbour's command is answered",
              half.neighbours == NEIGHBOUR_CALLS),
        Claim("the last byte lets it happen, once", whole.executed == before.executed + 1),
        Claim(f"{len(ANNOUNCEMENT)} bytes that announce 64 MB take 64 MB at once, and a "
              f"neighbour's write is refused under maxmemory {MEMORY_MB} MB",
              free.taken_bytes >= ANNOUNCED_BYTES and free.is_neighbour_refused),
        Claim("client-query-buffer-limit counts only what has arrived, and does not help",
              not query_buffer.is_client_gone and query_buffer.is_neighbour_refused),
        Claim("proto-max-bulk-len and maxmemory-clients end that client; the neighbour is served",
              all(one.is_client_gone and not one.is_neighbour_refused for one in (bulk, clients))),
    ]  # fmt: skip


def tables(stages: list[Stage], announced: list[Announcement]) -> list[Table]:
    """The half command, and the announcements under each limit."""
    half: list[tuple[str | int, ...]] = [
        (one.label, one.sent, one.qbuf, one.executed, one.neighbours) for one in stages
    ]
    limits: list[tuple[str | int, ...]] = [
        (
            one.limit if one.limit == NO_LIMIT else f"{one.limit} {LIMITS[one.limit][1]}",
            one.taken_bytes // 2**20,
            "is ended" if one.is_client_gone else "stays",
            "is refused" if one.is_neighbour_refused else "is done",
        )
        for one in announced
    ]
    columns = ("sent so far", "bytes", "in the input buffer", "SET executed", "others answered")
    return [
        Table(
            "A SET of 1,000,000 bytes on its way, and 1,000 commands of a neighbour", columns, half
        ),
        Table(
            f"{len(ANNOUNCEMENT)} bytes announce a value of 64 MB, under maxmemory {MEMORY_MB} MB",
            ("limit", "MB taken", "this client", "a neighbour's write"),
            limits,
        ),
    ]
