"""How fast bets are decided: the bank, beside one SQL transaction for each bet.

    ./ringside bench bets [--seconds 3] [--rounds 3] [--clients 1 8 32 128]

A MariaDB and a Redis of its own on the same disk, both durable at every commit, one Python
process for either, and everybody bets on the same market. The two take turns in every round.
"""

import argparse
import asyncio
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from positions import start_engines
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

CLUB, ROOM, MARKET, OUTCOMES = 1, 1, 1, (1, 2)
PURSE = 10**9
TABLES = (
    "CREATE TABLE purse (user_id BIGINT PRIMARY KEY, coins BIGINT NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE pool (outcome_id BIGINT PRIMARY KEY, coins BIGINT NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE bet (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL,"
    " bet_id CHAR(36) NOT NULL, outcome_id BIGINT NOT NULL, stake BIGINT NOT NULL,"
    " UNIQUE (user_id, bet_id)) ENGINE=InnoDB",
)


@dataclass
class Run:
    """What one side did in all its turns with so many clients."""

    delays_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    calls: int = 0

    def p(self, percent: int) -> float:
        return statistics.quantiles(self.delays_ms, n=100)[percent - 1]

    @property
    def bets_per_s(self) -> float:
        return len(self.delays_ms) / self.seconds


# --- The bank


def prepare_bank(users: int) -> None:
    """A gate that is open, wallets that last, one open market."""
    from betting import bank
    from betting.models import Market

    bank.load_library()
    bank.run(bank.start_epoch(CLUB, bank.Head.fresh(epoch=1)))
    bank.open_gate()
    for user in range(1, users + 1):
        bank.run(bank.grant(CLUB, user, PURSE, f"welcome:{user}"))
    bank.run(bank.open_market(CLUB, Market(pk=MARKET, room_id=ROOM), OUTCOMES))


def calls_so_far() -> int:
    from betting import bank

    return int(bank.each_primary("INFO", "commandstats")[0]["cmdstat_fcall"]["calls"])


def bet_at_the_bank(clients: int, seconds: float, run: Run, bet_ids: Any) -> None:
    """Everybody bets again as soon as they were answered, through the batchers of a web process."""
    from betting import bank

    async def one(user: int, until_s: float) -> None:
        while (began_s := time.perf_counter()) < until_s:
            bet = bank.Bet(
                user_id=user, bet_id=f"{next(bet_ids)}", outcome_id=OUTCOMES[user % 2],
                stake_coins=1, expires_at_ms=2**52,
            )  # fmt: skip
            answer, _state = await bank.batchers.place(CLUB, ROOM, MARKET, bet)
            assert isinstance(answer, bank.Accepted), answer
            run.delays_ms.append(1000 * (time.perf_counter() - began_s))

    async def everybody() -> None:
        until_s = time.perf_counter() + seconds
        await asyncio.gather(*(one(user, until_s) for user in range(1, clients + 1)))

    calls, began_s = calls_so_far(), time.perf_counter()
    asyncio.run(everybody())
    run.seconds += time.perf_counter() - began_s
    run.calls += calls_so_far() - calls


# --- SQL


def prepare_sql(users: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(table)
        rows = [(user, PURSE) for user in range(1, users + 1)]
        cursor.executemany("INSERT INTO purse VALUES (%s, %s)", rows)
        cursor.executemany("INSERT INTO pool VALUES (%s, 0)", [(each,) for each in OUTCOMES])


def bet_in_sql(clients: int, seconds: float, run: Run, bet_ids: Any) -> None:
    """Everybody bets in SQL, with a thread and a connection for each client."""
    from django.db import connection, transaction

    def one(user: int, until_s: float) -> None:
        delays_ms = []
        with connection.cursor() as cursor:
            while (began_s := time.perf_counter()) < until_s:
                with transaction.atomic():
                    take(cursor, user, f"{next(bet_ids)}")
                delays_ms.append(1000 * (time.perf_counter() - began_s))
        connection.close()
        run.delays_ms.extend(delays_ms)

    began_s = time.perf_counter()
    threads = [threading.Thread(target=one, args=(user, began_s + seconds))
               for user in range(1, clients + 1)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds += time.perf_counter() - began_s
    run.calls = len(run.delays_ms)


def take(cursor: Any, user: int, bet_id: str) -> None:
    """One bet: lock the purse, look whether it suffices, lock the pool, write all three."""
    cursor.execute("SELECT coins FROM purse WHERE user_id = %s FOR UPDATE", [user])
    (coins,) = cursor.fetchone()
    assert coins >= 1
    outcome = OUTCOMES[user % 2]
    cursor.execute("UPDATE purse SET coins = coins - 1 WHERE user_id = %s", [user])
    cursor.execute(
        "INSERT INTO bet (user_id, bet_id, outcome_id, stake) VALUES (%s, %s, %s, 1)",
        [user, bet_id, outcome],
    )
    cursor.execute("SELECT coins FROM pool WHERE outcome_id = %s FOR UPDATE", [outcome])
    cursor.execute("UPDATE pool SET coins = coins + 1 WHERE outcome_id = %s", [outcome])


# --- Both


def check(sides: dict[str, dict[int, Run]]) -> None:
    """Every bet that was answered stands, and no other: the pools say so on both sides."""
    from django.db import connection

    from betting import bank

    counted = {name: sum(len(run.delays_ms) for run in runs.values())
               for name, runs in sides.items()}  # fmt: skip
    assert bank.head(CLUB).in_pools == counted["bank"], "the bank lost or doubled a bet"
    with connection.cursor() as cursor:
        cursor.execute("SELECT SUM(coins) FROM pool")
        assert cursor.fetchone()[0] == counted["SQL"], "SQL lost or doubled a bet"


def show(sides: dict[str, dict[int, Run]], console: Console) -> None:
    table = Table("clients", "side", "bets/s", "calls/s", "p50", "p99", "bets/s against SQL")
    for clients, sql in sides["SQL"].items():
        for name in ("SQL", "bank"):
            run = sides[name][clients]
            table.add_row(
                str(clients), name, f"{run.bets_per_s:,.0f}", f"{run.calls / run.seconds:,.0f}",
                f"{run.p(50):.2f} ms", f"{run.p(99):.2f} ms",
                f"x{run.bets_per_s / sql.bets_per_s:.1f}" if name == "bank" else "",
            )  # fmt: skip
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32, 128])
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110)
    players: dict[str, Callable[..., None]] = {"SQL": bet_in_sql, "bank": bet_at_the_bank}
    sides = {name: {clients: Run() for clients in given.clients} for name in players}
    bet_ids = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        children = start_engines(Path(folder))
        try:
            import django

            django.setup()
            prepare_sql(max(given.clients))
            prepare_bank(max(given.clients))
            with Progress(console=console, disable=not console.is_terminal) as progress:
                turns = list(itertools.product(range(given.rounds), given.clients, players))
                for _round, clients, name in progress.track(turns, description="bets"):
                    run = sides[name][clients]
                    players[name](clients, given.seconds, run, bet_ids)
                    if not console.is_terminal:
                        console.print(f"{clients} clients, {name}: {len(run.delays_ms)} bets")
            check(sides)
        finally:
            for child in children:
                child.terminate()
                child.wait()
    show(sides, console)


if __name__ == "__main__":
    main()
