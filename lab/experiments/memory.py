"""Memory: a client that joins for ever, against lists, sets, limits and each eviction policy."""

from dataclasses import dataclass, field

from betting import bank
from betting.models import Market
from lab.charts import Curve, lines
from lab.experiments import evictions
from lab.line import Line, LineClosed, Word, pack
from lab.report import Claim, Report, Table
from lab.workshop import Server, Workshop, limit_memory

QUESTION = "one client joins for ever: who dies?"
JOINS = 100_000
PER_WRITE = 250
# The end of the machine's memory is played: so much more the server gets, and no byte beyond.
MEMORY_LEFT_BYTES = 200 * 2**20
ROOM = "room:7:users"
NAME = "anna12345"
CHART_JOINS = 10_000

LIST_JOIN: tuple[Word, ...] = ("LPUSH", ROOM, NAME)
SET_JOIN: tuple[Word, ...] = ("SADD", ROOM, NAME)
WHOLE_LIST: tuple[Word, ...] = ("LRANGE", ROOM, 0, -1)
# How Redis comes out of the box: no limit to anything.
NO_LIMITS = {
    "maxmemory": "0", "maxmemory_clients": "0", "maxmemory_policy": "noeviction",
    "client_output_buffer_limit": "normal 0 0 0",
}  # fmt: skip
LIMITED = {**NO_LIMITS, "maxmemory": "64mb"}


@dataclass(frozen=True, slots=True)
class Storm:
    """A way to keep who is in a room, its answer to each join, and the limits of the server."""

    label: str
    join: tuple[Word, ...]
    answer: tuple[Word, ...]
    limits: dict[str, str]


@dataclass(slots=True)
class Aftermath:
    """What a storm did: joins against bytes beyond the beginning, and who was ended."""

    storm: Storm
    curve: list[tuple[int, int]] = field(default_factory=list)
    kept: int = 0
    kept_bytes: int = 0
    ended: str = "nobody"

    @property
    def peak_bytes(self) -> int:
        return max(used for _, used in self.curve)


STORMS = (
    Storm("list, whole list answered, no limits", LIST_JOIN, WHOLE_LIST, NO_LIMITS),
    Storm("… with maxmemory 64 MB", LIST_JOIN, WHOLE_LIST, LIMITED),
    Storm(
        "… and client-output-buffer-limit 16 MB", LIST_JOIN, WHOLE_LIST,
        {**LIMITED, "client_output_buffer_limit": "normal 16mb 16mb 0"},
    ),
    Storm(
        "… or maxmemory-clients 16 MB", LIST_JOIN, WHOLE_LIST,
        {**LIMITED, "maxmemory_clients": "16mb"},
    ),
    Storm("list, its length answered", LIST_JOIN, ("LLEN", ROOM), LIMITED),
    Storm("set, its size answered", SET_JOIN, ("SCARD", ROOM), LIMITED),
)  # fmt: skip


def run(shop: Workshop) -> Report:
    """Play the storms, then fill the memory under each policy, then fill a real bank."""
    aftermaths = []
    for storm in STORMS:
        shop.tell(f"{JOINS:,} joins: {storm.label}")
        aftermaths.append(_play(shop, storm))
    server = shop.redis()
    with server.line() as line:
        engine = shop.engine(line)
    fillings = evictions.fill_under_each(shop, server)
    shop.stop(server.child)
    return Report(
        name="memory",
        question=QUESTION,
        engines=engine,
        tables=[_table(aftermaths), evictions.table(fillings)],
        conclusion=_conclusion(aftermaths),
        claims=[*_claims(aftermaths), *evictions.claims(fillings), *_fill_bank(shop)],
        charts={"memory.svg": _chart(aftermaths), "evictions.svg": evictions.chart(fillings)},
    )


def _play(shop: Workshop, storm: Storm) -> Aftermath:
    server = shop.redis(**storm.limits)
    limit_memory(server.child, MEMORY_LEFT_BYTES)
    aftermath = Aftermath(storm)
    with server.line() as joining, server.line() as watching:
        try:
            _join_for_ever(joining, watching, aftermath)
        except LineClosed:
            aftermath.ended = "the client" if _lives(watching, server) else "the server"
        if aftermath.ended != "the server":
            size = "SCARD" if storm.join is SET_JOIN else "LLEN"
            aftermath.kept = watching.call(size, ROOM)
            aftermath.kept_bytes = watching.call("MEMORY", "USAGE", ROOM, "SAMPLES", 0)
    shop.stop(server.child)
    return aftermath


def _join_for_ever(joining: Line, watching: Line, aftermath: Aftermath) -> None:
    """Join without reading an answer, as a page does that is busy with its own loop."""
    write = (pack(*aftermath.storm.join) + pack(*aftermath.storm.answer)) * PER_WRITE
    begun = _used(watching)
    aftermath.curve.append((0, 0))
    for joins in range(PER_WRITE, JOINS + 1, PER_WRITE):
        joining.send(write)
        aftermath.curve.append((joins, _used(watching) - begun))
    # Only now it reads: with the last answer the last join is done.
    for _ in range(2 * JOINS):
        joining.read()


def _used(line: Line) -> int:
    return int(line.figures("memory")["used_memory"])


def _lives(watching: Line, server: Server) -> bool:
    try:
        watching.call("PING")
    except LineClosed:
        server.child.wait()
        return False
    return True


def _fill_bank(shop: Workshop) -> list[Claim]:
    shop.tell("a full bank")
    with shop.bank(1) as server:
        bank.run(bank.grant(1, 1, 100, "purse"))
        bank.run(bank.open_market(1, Market(pk=1, room_id=1), (1, 2)))
        before = bank.head(1)
        with server.line() as line:
            line.call("CONFIG", "SET", "maxmemory", "1mb")
            refused = _bet_is_refused()
            wallet = bank.run(bank.read(1, [1], [1])).coins[1]
            after = bank.head(1)
            line.call("CONFIG", "SET", "maxmemory", "64mb")
        accepted = _bet()
    shop.stop(server.child)
    return [
        Claim("a full bank refuses a bet whole: no coin moved, no entry written",
              refused and wallet == 100 and after == before),
        Claim("once there is room, the same bet is accepted", accepted),
    ]  # fmt: skip


def _bet() -> bool:
    bet = bank.Bet(
        user_id=1, bet_id="00000000-0000-4000-8000-000000000001", outcome_id=1, stake_coins=30,
        expires_at_ms=bank.ask_time_ms() + 60_000,
    )  # fmt: skip
    return isinstance(bank.run(bank.place_bets(1, 1, 1, [bet])).answers[0], bank.Accepted)


def _bet_is_refused() -> bool:
    try:
        _bet()
    except bank.BankFull:
        return True
    return False


def _claims(aftermaths: list[Aftermath]) -> list[Claim]:
    story, limited, closed, evicted, counted, as_set = aftermaths
    quarter = MEMORY_LEFT_BYTES // 4
    return [
        Claim("without limits the server dies, and all its neighbours with it",
              story.ended == "the server"),
        Claim("maxmemory alone does not save it: unread answers grow beyond it",
              limited.ended == "the server" and limited.peak_bytes > 64 * 2**20),
        Claim("a limit on output buffers ends the client, and the server lives",
              closed.ended == "the client" and closed.peak_bytes < quarter),
        Claim("maxmemory-clients does the same",
              evicted.ended == "the client" and evicted.peak_bytes < quarter),
        Claim(f"a list answered by its length takes all {JOINS:,} joins in under 8 MB",
              counted.ended == "nobody" and counted.peak_bytes < 8 * 2**20),
        Claim("but keeps one name as often as it was said", counted.kept == JOINS),
        Claim("a set keeps it once", as_set.ended == "nobody" and as_set.kept == 1),
    ]  # fmt: skip


def _table(aftermaths: list[Aftermath]) -> Table:
    columns = ("kept and answered as", "joins taken", "names kept", "kept KB", "peak MB", "ended")
    rows: list[tuple[str | int, ...]] = [
        (
            one.storm.label,
            one.curve[-1][0],
            "-" if one.ended == "the server" else one.kept,
            "-" if one.ended == "the server" else one.kept_bytes // 1024,
            one.peak_bytes // 2**20,
            one.ended,
        )
        for one in aftermaths
    ]
    return Table(f"{JOINS:,} joins of one name from one client that does not read", columns, rows)


def _chart(aftermaths: list[Aftermath]) -> str:
    chosen = {
        "list, no limits": aftermaths[0],
        "maxmemory only": aftermaths[1],
        "buffer limit": aftermaths[2],
        "set": aftermaths[5],
    }
    curves = [
        Curve(
            label,
            [(joins, used / 2**20) for joins, used in one.curve if joins <= CHART_JOINS],
            "" if one.ended == "nobody" else f"{one.ended} ends at {one.curve[-1][0]:,}",
        )
        for label, one in chosen.items()
    ]
    axes = (f"joins (of {JOINS:,})", "MB of memory beyond the beginning, by number of joins")
    return lines("One client joins and does not read", axes, curves)


def _conclusion(aftermaths: list[Aftermath]) -> str:
    story, limited, *_ = aftermaths
    return (
        f"The list was never the weight: {JOINS:,} names are "
        f"{aftermaths[4].kept_bytes // 1024:,} KB. What grows is the answer, the whole list at "
        f"every join, waiting for a client that does not read: {story.curve[-1][0]:,} joins fill "
        f"the {MEMORY_LEFT_BYTES // 2**20} MB that were left, and the server dies. "
        "maxmemory does not help alone, because it refuses writes and throws out keys, and a "
        "waiting answer is neither "
        f"(dead at {limited.curve[-1][0]:,}). What helps: answer with a number, keep a set, and "
        "bound what a client may leave unread. An eviction policy then only decides what else is "
        "lost: allkeys-* throws out wallets, volatile-* without ends refuses like noeviction, and "
        "noeviction refuses loudly, which is what a store of coins must do."
    )
