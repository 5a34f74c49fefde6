"""Two clients take turns on one counter: how often one gets between the other's commands."""

from dataclasses import dataclass
from itertools import pairwise

from lab.charts import Bar, bars
from lab.line import Line, pack
from lab.report import Claim, Table
from lab.workshop import Server

TURN = "turn"
TIMES = 5000
# Long enough for both clients to have sent everything while the server is still busy.
BUSY_ROUNDS = 30_000_000


WAYS = {
    "one by one": [pack("INCR", TURN)] * TIMES,
    "one pipeline": [b"".join([pack("INCR", TURN)] * TIMES)],
    "MULTI … EXEC in one write": [
        b"".join([pack("MULTI"), *[pack("INCR", TURN)] * TIMES, pack("EXEC")])
    ],
    "one Function": [pack("FCALL", "lab_take_turns", 1, TURN, TIMES)],
}
# How many answers each way brings; the last holds the turns where it is a list.
ANSWERS = {"MULTI … EXEC in one write": TIMES + 2, "one Function": 1}


@dataclass(frozen=True, slots=True)
class Taken:
    """One way of taking 5,000 turns: what the client wrote, what the server read, the gaps."""

    way: str
    writes: int
    sent_bytes: int
    reads: int
    gaps: int


def take(server: Server) -> list[Taken]:
    """Take 5,000 turns in four ways, alone and beside a neighbour who takes as many."""
    with server.line() as line, server.line() as ours, server.line() as theirs:
        taken = []
        for way, writes in WAYS.items():
            reads = _count_reads(line, ours, way)
            beside = _one_by_one if len(writes) > 1 else _at_once
            gaps = sum(
                after != turn + 1 for turn, after in pairwise(beside(line, ours, theirs, way))
            )
            taken.append(Taken(way, len(writes), sum(map(len, writes)), reads, gaps))
        return taken


def _count_reads(line: Line, ours: Line, way: str) -> int:
    before = _reads(line)
    for write in WAYS[way]:
        ours.send(write)
        if len(WAYS[way]) > 1:
            ours.read()
    if len(WAYS[way]) == 1:
        _read_turns(ours, way)
    # The last question for the figure is one read, too.
    return _reads(line) - before - 1


def _one_by_one(_: Line, ours: Line, theirs: Line, way: str) -> list[int]:
    turns = []
    for write in WAYS[way]:
        ours.send(write)
        turns.append(int(ours.read()))
        theirs.call("INCR", TURN)
    return turns


def _at_once(line: Line, ours: Line, theirs: Line, way: str) -> list[int]:
    """Both send everything while the server is busy, so that it finds both waiting."""
    line.send(pack("FCALL", "lab_stall", 1, TURN, BUSY_ROUNDS))
    ours.send(WAYS[way][0])
    theirs.send(WAYS["one pipeline"][0])
    line.read()
    turns = _read_turns(ours, way)
    _read_turns(theirs, "one pipeline")
    return turns


def _read_turns(line: Line, way: str) -> list[int]:
    answers = [line.read() for _ in range(ANSWERS.get(way, TIMES))]
    return answers[-1] if isinstance(answers[-1], list) else answers


def _reads(line: Line) -> int:
    return int(line.figures("stats")["total_reads_processed"])


def claims(taken: list[Taken]) -> list[Claim]:
    """Round trips are saved by any of them, privacy only by two."""
    alone, piped, multi, call = taken
    return [
        Claim(f"one by one the server reads {TIMES:,} times", alone.reads == TIMES),
        Claim("a pipeline saves nine reads of ten and more", piped.reads * 10 <= TIMES),
        Claim("a neighbour gets between the commands of a pipeline", piped.gaps > 0),
        Claim("nobody gets between the commands of MULTI … EXEC, or into a Function",
              multi.gaps == call.gaps == 0),
        Claim("the Function is one read", call.reads == 1),
    ]  # fmt: skip


def table(taken: list[Taken]) -> Table:
    """One line a way."""
    columns = ("5,000 INCR as", "writes", "bytes sent", "reads of the server", "others between")
    rows: list[tuple[str | int, ...]] = [
        (one.way, one.writes, one.sent_bytes, one.reads, one.gaps) for one in taken
    ]
    return Table("5,000 turns beside a neighbour who takes 5,000, too", columns, rows)


def chart(taken: list[Taken]) -> str:
    """How often the neighbour got in between."""
    rows = [
        Bar(one.way, (one.gaps,), f"{one.gaps:,} between, {one.reads:,} reads") for one in taken
    ]
    unit = f"How often a neighbour got between the commands, of {TIMES - 1:,} chances"
    return bars("Saving round trips is not being alone", unit, rows)
