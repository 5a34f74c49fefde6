"""Single thread: half a command, a slow one's shadow, pipelines, what a Function changes."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lab.charts import Bar, bars
from lab.experiments import buffers, interleaving
from lab.line import Word, load_library, pack
from lab.report import Report, Table
from lab.workshop import Server, Workshop

QUESTION = "what does one thread mean for everybody else?"
KEYS = 200_000
STALL_ROUNDS = 5_000_000
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Shadow:
    """How long a neighbour's PING waited behind a command, in ms; shown, never asserted."""

    label: str
    median_ms: float
    longest_ms: float


def run(shop: Workshop) -> Report:
    """Measure buffers, shadows and turns, one after another on one server."""
    server = shop.redis(
        maxmemory="0", maxmemory_clients="0", client_query_buffer_limit="1gb",
        client_output_buffer_limit="normal 0 0 0",
    )  # fmt: skip
    with server.line() as line:
        load_library(line)
        engine = shop.engine(line)
    shop.tell("half a command")
    stages, announced = buffers.send_half(server), buffers.announce(server)
    shop.tell("the shadow of slow commands")
    shadows = _cast_shadows(shop, server)
    shop.tell("pipelines and turns")
    taken = interleaving.take(server)
    shop.stop(server.child)
    return Report(
        name="singlethread",
        question=QUESTION,
        engines=engine,
        tables=[*buffers.tables(stages, announced), _table(shadows), interleaving.table(taken)],
        conclusion=_conclusion(announced[0], taken),
        claims=[*buffers.claims(stages, announced), *interleaving.claims(taken)],
        charts={"singlethread.svg": _chart(shadows), "turns.svg": interleaving.chart(taken)},
    )


def _cast_shadows(shop: Workshop, server: Server) -> list[Shadow]:
    count = shop.share(KEYS, least=1000)
    with server.line() as line:
        for begun in range(0, count, 1000):
            numbers = range(begun, min(begun + 1000, count))
            line.pipeline([("SET", f"key:{number}", number) for number in numbers])
            line.call("HSET", "hash", *(word for number in numbers for word in (number, number)))
            for name in ("doomed", "unlinked"):
                line.call("SADD", name, *(f"member:{number}" for number in numbers))
    many = f"{count:,}"
    slow: list[tuple[str, Sequence[Word]]] = [
        ("nothing", ("PING",)),
        (f"KEYS * over {many} keys", ("KEYS", "*")),
        (f"HGETALL of {many} fields", ("HGETALL", "hash")),
        ("a Function of 5 million rounds", ("FCALL", "lab_stall", 1, "turn", STALL_ROUNDS)),
    ]
    shadows = [_shadow(server, label, words, REPEATS) for label, words in slow]
    for name, remove in (("doomed", "DEL"), ("unlinked", "UNLINK")):
        label = f"{remove} of a set of {many}"
        shadows.append(_shadow(server, label, (remove, name), 1))
    return shadows


def _shadow(server: Server, label: str, words: Sequence[Word], repeats: int) -> Shadow:
    waits_ms = []
    with server.line() as slow, server.line() as neighbour:
        for _ in range(repeats):
            slow.send(pack(*words))
            began_s = time.perf_counter()
            neighbour.call("PING")
            waits_ms.append((time.perf_counter() - began_s) * 1000)
            slow.read()
    return Shadow(label, statistics.median(waits_ms), max(waits_ms))


def _table(shadows: list[Shadow]) -> Table:
    columns = ("before the neighbour's PING", "PING median", "PING longest")
    rows: list[tuple[str | int, ...]] = [
        (one.label, f"{one.median_ms:.2f} ms", f"{one.longest_ms:.2f} ms") for one in shadows
    ]
    return Table("A neighbour's PING behind one command (shown, not asserted)", columns, rows)


def _chart(shadows: list[Shadow]) -> str:
    rows = [Bar(one.label, (one.median_ms,), f"{one.median_ms:,.2f} ms") for one in shadows]
    unit = "How long a neighbour's PING waits behind one command, median, in ms"
    return bars("The shadow of a slow command", unit, rows)


def _conclusion(announced: buffers.Announcement, taken: list[interleaving.Taken]) -> str:
    alone, piped, _, _ = taken
    taken_mb = announced.taken_bytes // 2**20
    return (
        "A command begins when its last byte is there; until then only its buffer grows and "
        "everybody else is served. From then on nobody is served until it ends, so the longest "
        "command sets everybody's worst wait. The buffer is memory, too: "
        f"{len(buffers.ANNOUNCEMENT)} bytes that announce a large value take {taken_mb} MB "
        "at once, and a server with maxmemory then refuses others. A pipeline saves round trips "
        f"({alone.reads:,} reads become {piped.reads:,}) but others' commands get in between "
        f"({piped.gaps} times here). MULTI and a Function leave no gap; only the Function can "
        "look first and then decide, in one round trip."
    )
