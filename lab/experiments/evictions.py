"""A memory that runs full under each of the eight policies: what is evicted, what is refused."""

from dataclasses import dataclass

import hiredis

from lab.charts import Bar, bars
from lab.line import Line, Word, load_library
from lab.report import Claim, Table
from lab.workshop import Server, Workshop

POLICIES = (
    "noeviction", "volatile-ttl", "volatile-lru", "volatile-lfu", "volatile-random",
    "allkeys-lru", "allkeys-lfu", "allkeys-random",
)  # fmt: skip
WITHOUT_ENDS = "volatile-lru, nothing has an end"
ROOM = "room:7:users"
WALLETS, CACHED = 1000, 3000
VALUE_BYTES = 500
NAME_BYTES = 1000
JOINS = 4000
ROOM_LEFT_BYTES = 2_500_000
# Every second key is hot: lately used, often used, or far from its end, as the policy asks.
HOT_TTL_MS, COLD_TTL_MS = 3_600_000, 300_000
COLD_IDLE_S = 3000
HOT_USES = 200


@dataclass(frozen=True, slots=True)
class Filling:
    """What was lost while the room's list grew into a full memory."""

    policy: str
    evicted: int
    wallets_lost: int
    cold_lost: int
    hot_lost: int
    refused: int
    names: int

    @property
    def cached_lost(self) -> int:
        return self.cold_lost + self.hot_lost - self.wallets_lost

    @property
    def is_list_lost(self) -> bool:
        """Whether the room's own list was evicted on the way and began again."""
        return self.names + self.refused < JOINS


def fill_under_each(shop: Workshop, server: Server) -> list[Filling]:
    """Fill the memory once per policy, and once with the original's: ends wanted, none set."""
    with server.line() as line:
        load_library(line)
        line.call("CONFIG", "SET", "maxmemory-samples", 10)
        fillings = []
        for policy in POLICIES:
            shop.tell(f"a full memory under {policy}")
            fillings.append(_fill(line, policy))
        shop.tell(f"a full memory under {WITHOUT_ENDS}")
        return [*fillings, _fill(line, "volatile-lru", has_ends=False)]


def _fill(line: Line, policy: str, *, has_ends: bool = True) -> Filling:
    line.call("CONFIG", "SET", "maxmemory", 0)
    line.call("CONFIG", "SET", "maxmemory-policy", policy)
    line.call("FLUSHALL")
    hot, cold = _load(line, policy, has_ends)
    line.call("CONFIG", "RESETSTAT")
    used = int(line.figures("memory")["used_memory"])
    line.call("CONFIG", "SET", "maxmemory", used + ROOM_LEFT_BYTES)
    name = "n" * NAME_BYTES
    joined = [line.pipeline([("LPUSH", ROOM, name)])[0] for _ in range(JOINS)]
    line.call("CONFIG", "SET", "maxmemory", 0)
    left = {key for key in (*hot, *cold) if line.call("EXISTS", key)}
    lost = {key for key in (*hot, *cold) if key not in left}
    return Filling(
        policy=policy if has_ends else WITHOUT_ENDS,
        evicted=int(line.figures("stats")["evicted_keys"]),
        wallets_lost=sum(key.startswith("wallet") for key in lost),
        cold_lost=len(lost.intersection(cold)),
        hot_lost=len(lost.intersection(hot)),
        refused=sum(isinstance(answer, hiredis.ReplyError) for answer in joined),
        names=line.call("LLEN", ROOM),
    )


def _load(line: Line, policy: str, has_ends: bool) -> tuple[list[str], list[str]]:
    """Wallets without an end and cached answers with one; their use is set, not waited for."""
    hot: list[str] = []
    cold: list[str] = []
    commands: list[tuple[Word, ...]] = []
    line.call("SET", "sample", "x" * VALUE_BYTES)
    for number in range(WALLETS + CACHED):
        is_hot = number % 2 == 0
        is_wallet = number < WALLETS
        key = f"{'wallet' if is_wallet else 'cached'}:{number}"
        (hot if is_hot else cold).append(key)
        ends = has_ends and not is_wallet
        ttl_ms = (HOT_TTL_MS if is_hot else COLD_TTL_MS) if ends else 0
        commands.append(("FCALL", "lab_copy", 2, "sample", key, ttl_ms, *_use(policy, is_hot)))
    if refused := [one for one in line.pipeline(commands) if one != "OK"]:
        raise RuntimeError(f"The memory could not be loaded: {refused[0]}")
    line.call("DEL", "sample")
    return hot, cold


def _use(policy: str, is_hot: bool) -> tuple[Word, ...]:
    if policy.endswith("lru"):
        return ("IDLETIME", 0 if is_hot else COLD_IDLE_S)
    if policy.endswith("lfu"):
        return ("FREQ", HOT_USES if is_hot else 1)
    return ()


def claims(fillings: list[Filling]) -> list[Claim]:
    """What each family of policies did."""
    by = {one.policy: one for one in fillings}
    refusing = (by["noeviction"], by[WITHOUT_ENDS])
    sparing = [one for one in fillings if one.policy.startswith("volatile") and one.evicted]
    taking = [one for one in fillings if one.policy.startswith("allkeys")]
    ranked = [one for one in (*sparing, *taking) if not one.policy.endswith("random")]
    return [
        Claim("noeviction throws nothing out and refuses what is too much; so does volatile-lru "
              "where nothing has an end",
              all(not one.evicted and one.refused for one in refusing)),
        Claim("the four volatile policies throw out only what has an end",
              len(sparing) == 4 and not any(one.wallets_lost for one in sparing)),
        Claim("the three allkeys policies throw out wallets and refuse nothing",
              len(taking) == 3 and all(one.wallets_lost and not one.refused for one in taking)),
        Claim("lru, lfu and ttl throw out more cold keys than hot ones",
              len(ranked) == 5 and all(one.cold_lost > one.hot_lost for one in ranked)),
    ]  # fmt: skip


def table(fillings: list[Filling]) -> Table:
    """One line a policy."""
    columns = (
        "policy", "evicted", "wallets lost", "cached lost", "cold lost", "hot lost",
        "joins refused", "names in the list",
    )  # fmt: skip
    rows: list[tuple[str | int, ...]] = [
        (
            one.policy, one.evicted, one.wallets_lost, one.cached_lost, one.cold_lost,
            one.hot_lost, one.refused, one.names,
        )
        for one in fillings
    ]  # fmt: skip
    title = (
        f"{JOINS:,} names of {NAME_BYTES:,} bytes into a memory with room for "
        f"{ROOM_LEFT_BYTES // 1000:,} KB beside {WALLETS:,} wallets without an end and "
        f"{CACHED:,} cached answers with one"
    )
    return Table(title, columns, rows)


def chart(fillings: list[Filling]) -> str:
    """Where the room for the list came from, by policy."""
    rows = [
        Bar(
            one.policy,
            (one.wallets_lost, one.cached_lost, one.refused),
            f"{one.wallets_lost:,} + {one.cached_lost:,} + {one.refused:,}"
            + (", and the list" if one.is_list_lost else ""),
        )
        for one in fillings
    ]
    unit = f"Keys thrown out and joins refused, of {JOINS:,} joins into a full memory"
    names = ("wallets thrown out", "cached answers thrown out", "joins refused")
    return bars("What gives way when the memory is full", unit, rows, names)
