"""The join storm: what one client that floods does to the bets of its neighbours.

    ./ringside storm [--rounds 8] [--joins 100000] [--events 1000000] [--neighbours 20]

A private Ringside with 64 MB for each Redis. Quiet and storm take turns, each pair as long as the
storm needs for its part, so that both are measured on the same machine at the same time. What
counts is the median of the pairs' ratios: a disk that stalls for others falls into one window.
The last column is the time of the web process, which no other load on the machine changes.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import httpx
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from launcher.private_house import House, private_house

# A player knows the server's own messages, which need its settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)
django.setup()

from simulation.player import Player, RoomClient

BETS_PER_S = 4.0
PART_PATIENCE_S = 120
WATCHED = ("web-1", "bank", "live", "clock")
WEB_GROWTH_MB_MAX = 96
RATIO_MAX = 1.2


class Watch:
    """The most memory that each process has had."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.before = {name: house.resident_mb(name) for name in WATCHED}
        self.most = dict(self.before)

    async def go_on(self) -> None:
        while True:
            for name in WATCHED:
                self.most[name] = max(self.most[name], self.house.resident_mb(name))
            await asyncio.sleep(0.2)


@dataclass(frozen=True)
class Window:
    """What was measured between two moments."""

    delays_ms: list[float]
    web_share: float

    def p(self, percent: int) -> float:
        return statistics.quantiles(self.delays_ms, n=100)[percent - 1]


def pooled_p99(windows: list[Window]) -> float:
    """The p99 of all bets of several windows."""
    together = itertools.chain.from_iterable(window.delays_ms for window in windows)
    return statistics.quantiles(together, n=100)[98]


def guest_at(url: str, number: int) -> Player:
    """A player with an address of their own, as neighbours have."""
    player = Player(url)
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number}")
    player.http = httpx.AsyncClient(
        base_url=url, headers={"Origin": url}, timeout=30, transport=transport
    )
    return player


async def bet_on(
    client: RoomClient, market: tuple[int, int], ending: asyncio.Task[Any]
) -> list[float]:
    """Bet one coin four times a second until something has ended; each bet's time to its answer."""
    delays_ms = []
    # Not all at the same moment: what they wait for then would be each other.
    await asyncio.sleep(random.random() / BETS_PER_S)
    while not ending.done():
        began_s = time.perf_counter()
        await client.bet(*market, 1)
        taken_s = time.perf_counter() - began_s
        delays_ms.append(1000 * taken_s)
        await asyncio.sleep(max(0.0, 1 / BETS_PER_S - taken_s))
    return delays_ms


async def have_coins(clients: list[RoomClient]) -> None:
    """Wait until all have coins: the clock makes up for grants that the bank could not answer."""
    until_s = time.monotonic() + 30
    while not all(client.coins for client in clients):
        assert time.monotonic() < until_s, "somebody got no coins"
        await asyncio.sleep(0.2)


async def measure(
    house: House, clients: list[RoomClient], market: tuple[int, int], ending: asyncio.Task[Any]
) -> Window:
    """The delays of all neighbours' bets until something has ended."""
    began_s, worked_s = time.monotonic(), house.worked_s("web-1")
    found = await asyncio.gather(*(bet_on(client, market, ending) for client in clients))
    share = (house.worked_s("web-1") - worked_s) / (time.monotonic() - began_s)
    return Window(list(itertools.chain.from_iterable(found)), share)


async def flood(url: str, cookie: str, joins: int, events: int) -> dict[str, int]:
    """One part of the storm, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("flood.py")), url, cookie]
    command += [str(joins), str(events), str(PART_PATIENCE_S)]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    told: dict[str, int] = json.loads(said)
    return told


async def storm(house: House, given: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Play the whole storm; everything that was measured."""
    host = guest_at(house.url, 1)
    await host.guest("Hana")
    room = await host.open_room("The storm", official_after_s=0)
    stormer = guest_at(house.url, 2)
    await stormer.guest("Storm")
    players = [guest_at(house.url, 10 + number) for number in range(given.neighbours)]
    for player in players:
        await player.guest()
    clients = [await player.join(room.code) for player in players]
    await have_coins(clients)
    question = await host.ask(room.code, "Who stands?", ["We", "They"])
    market = (question.id, question.outcomes[0].id)
    cookie = "; ".join(f"{c.name}={c.value}" for c in stormer.http.cookies.jar)
    address = f"{house.url.replace('http', 'ws')}/ws/rooms/{room.code}/"
    watch = Watch(house)
    watching = asyncio.create_task(watch.go_on())
    quiet, stormy, told = [], [], Counter[str]()
    bar = progress.add_task("storm and quiet", total=2 * given.rounds)
    # The first bets warm everything up and count for nothing.
    await measure(house, clients, market, asyncio.create_task(asyncio.sleep(3)))
    for _ in range(given.rounds):
        began_s = time.monotonic()
        part = flood(address, cookie, given.joins // given.rounds, given.events // given.rounds)
        flooding = asyncio.create_task(part)
        stormy.append(await measure(house, clients, market, flooding))
        told.update({name: int(count) for name, count in flooding.result().items()})
        note(progress, bar, f"storm: {flooding.result()['frames']:,} frames")
        lasted_s = max(10.0, time.monotonic() - began_s)
        # What the last part left on its way is over before it is quiet.
        await asyncio.sleep(2)
        pausing = asyncio.create_task(asyncio.sleep(lasted_s))
        quiet.append(await measure(house, clients, market, pausing))
        note(progress, bar, f"quiet: {len(quiet[-1].delays_ms):,} bets")
    watching.cancel()
    for client in clients:
        await client.leave()
    for player in [host, stormer, *players]:
        await player.http.aclose()
    return {"quiet": quiet, "stormy": stormy, "told": told, "watch": watch}


def note(progress: Progress, bar: TaskID, line: str) -> None:
    """One step further; where there is no terminal, in a line."""
    progress.advance(bar)
    if progress.disable:
        print(line, flush=True)


def show(found: dict[str, Any], given: argparse.Namespace, console: Console) -> bool:
    """Print what was found; whether it is what was promised."""
    titles = (
        "round",
        "bets",
        "quiet p50",
        "quiet p99",
        "storm p50",
        "storm p99",
        "p99",
        "web busy",
    )
    table = Table(*titles)
    ratios = []
    pairs = zip(found["quiet"], found["stormy"], strict=True)
    for number, (quiet, stormy) in enumerate(pairs, start=1):
        figures = (quiet.p(50), quiet.p(99), stormy.p(50), stormy.p(99))
        ratios.append(figures[3] / figures[1])
        table.add_row(
            str(number), f"{len(quiet.delays_ms)} + {len(stormy.delays_ms)}",
            *(f"{figure:.1f} ms" for figure in figures), f"x{ratios[-1]:.2f}",
            f"{quiet.web_share:.1%}, {stormy.web_share:.1%}",
        )  # fmt: skip
    console.print(table)
    watch, told = found["watch"], found["told"]
    ratio = statistics.median(ratios)
    console.print(f"p99 of the neighbours' bets: x{ratio:.2f}, the median of {len(ratios)} pairs")
    pooled = [pooled_p99(found[name]) for name in ("quiet", "stormy")]
    console.print(
        f"all bets together: {pooled[0]:.1f} ms in quiet, {pooled[1]:.1f} ms in the storm,"
        f" x{pooled[1] / pooled[0]:.2f}"
    )
    told.pop("pid")
    finished = told.pop("is_done")
    console.print(", ".join(f"{name} {count}" for name, count in sorted(told.items())))
    for name in WATCHED:
        console.print(f"{name}: {watch.before[name]:.0f} MB before, {watch.most[name]:.0f} at most")
    promises = {
        f"sent {given.joins + given.events:,} frames": finished == given.rounds,
        "the client was closed": any(name.startswith("closed") for name in told),
        f"no process grew by {WEB_GROWTH_MB_MAX} MB": all(
            watch.most[name] - watch.before[name] < WEB_GROWTH_MB_MAX for name in WATCHED
        ),
        f"p99 of the neighbours at most {RATIO_MAX} times that of quiet": ratio <= RATIO_MAX,
    }
    for promise, is_kept in promises.items():
        console.print(f"{'kept  ' if is_kept else 'BROKEN'} {promise}")
    return all(promises.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--joins", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--neighbours", type=int, default=20)
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110)
    with (
        tempfile.TemporaryDirectory(prefix="ringside-bench-") as folder,
        private_house(
            Path(folder), options=("--no-demo",), BANK_MEMORY_MB="64", LIVE_MEMORY_MB="64"
        ) as house,
        Progress(console=console, disable=not console.is_terminal) as progress,
    ):
        found = asyncio.run(storm(house, given, progress))
    return 0 if show(found, given, console) else 1


if __name__ == "__main__":
    sys.exit(main())
