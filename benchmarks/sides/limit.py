"""The limit: redis-benchmark, which calls the Function that decides a bet and does nothing else."""

import asyncio
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.plan import Alone
from benchmarks.rounds import Figures
from benchmarks.sides.prepared import CLUB, Prepared, prepared_engines

# Above 2^31 it repeats itself.
BET_IDS = "2000000000"
GUESS_PER_S = 11_000


class RedisBenchmark:
    """redis-benchmark with as many clients, one bet a call."""

    name = "redis-benchmark"
    clients_max = 10_000

    def __init__(self, prepared: Prepared) -> None:
        self._socket = prepared.engines.socket("bank")
        self._function = prepared.place_bets

    async def measure(self, clients: int, seconds: float) -> Figures:
        from betting.bank.keys import Keys

        keys = Keys(CLUB)
        names = (keys.head, keys.wallets, keys.journal, keys.market(1), keys.positions(1))
        bet = ("1", "1", "1", "bench-__rand_int__", "1", "1", str(2**52), "")
        command = ["redis-benchmark", "-s", str(self._socket), "-c", str(clients), "--csv"]
        command += ["-n", str(int(GUESS_PER_S * seconds)), "-r", BET_IDS]
        command += ["FCALL", self._function, "6", *names, keys.bets(1), *bet]
        child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        said, _ = await child.communicate()
        row = list(csv.DictReader(io.StringIO(said.decode())))[-1]
        return {"per s": round(float(row["rps"])), "p50 ms": float(row["p50_latency_ms"]),
                "p99 ms": float(row["p99_latency_ms"])}  # fmt: skip


@contextmanager
def redis_benchmark(folder: Path) -> Iterator[Alone]:
    """Start the bank that it calls."""
    with prepared_engines(folder, "bank") as prepared:
        yield RedisBenchmark(prepared)
