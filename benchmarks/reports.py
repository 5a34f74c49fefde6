"""How many reported positions a second a whole Ringside takes over sockets, until SQL has them.

    PYTHONPATH=. python benchmarks/reports.py [--seconds 300] [--rate 1000] [--phones 250]

MariaDB, two Redis and two web processes are started for the run. Prints the acks by status, the
age of the oldest fix that SQL lacked (p50, p99, worst), memory of each process.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django
import redis
from websockets.asyncio.client import ClientConnection, connect

from launcher.private_house import House, private_house

# A player knows the server's own messages, which need its settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "bench" * 10)
django.setup()

from simulation.player import Player

SAMPLE_S = 0.25
CELL = 1e-5
WATCHED = ("web-1", "web-2", "clock")


def memory_mb(house: House) -> dict[str, int]:
    return {name: round(house.resident_mb(name)) for name in (*WATCHED, *house.outside)}


async def open_phone(house: House) -> ClientConnection:
    async with Player(house.url) as player:
        await player.guest()
        cookies = "; ".join(f"{c.name}={c.value}" for c in player.http.cookies.jar)
    return await connect(
        f"{house.ws_url}/ws/locations/",
        origin=house.url,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
        compression=None,
        proxy=None,
    )


async def ride(phone: ClientConnection, every_s: float, until_s: float, told: Counter[str]) -> None:
    """Send a fix at each beat, whatever was answered; read the answers meanwhile."""

    async def listen() -> None:
        async for frame in phone:
            answer = json.loads(frame)
            told[answer.get("status") or answer["code"]] += 1

    listening = asyncio.create_task(listen())
    number, next_s = 0, time.monotonic()
    while next_s < until_s:
        await asyncio.sleep(next_s - time.monotonic())
        number += 1
        fix: dict[str, Any] = {"type": "fix", "n": number, "fix_ms": time.time_ns() // 1_000_000}
        await phone.send(json.dumps(fix | {"lat": 37.5 + number * CELL, "lon": 126.9,
                                           "accuracy_m": 8}))  # fmt: skip
        told["sent"] += 1
        next_s += every_s
    await asyncio.sleep(1)
    listening.cancel()


async def watch(house: House, until_s: float, lags_ms: list[int]) -> None:
    """How old the oldest fix is that the clock has not brought to SQL."""
    live = redis.asyncio.Redis.from_url(house.env["REDIS_LIVE_URL"])
    while time.monotonic() < until_s:
        oldest: Any = await live.xrange("loc:{loc}:queue", count=1)
        age_ms = time.time_ns() // 1_000_000 - int(oldest[0][0].split(b"-")[0]) if oldest else 0
        lags_ms.append(age_ms)
        await asyncio.sleep(SAMPLE_S)
    await live.aclose()


async def measure(house: House, seconds: float, rate: int, phones: int) -> None:
    opened = [await open_phone(house) for _ in range(phones)]
    told: Counter[str] = Counter()
    lags_ms: list[int] = []
    before = memory_mb(house)
    began_s = time.monotonic()
    until_s = began_s + seconds
    async with asyncio.TaskGroup() as group:
        group.create_task(watch(house, until_s, lags_ms))
        for phone in opened:
            group.create_task(ride(phone, phones / rate, until_s, told))
    taken = told["accepted"] + told["stale"]
    print(f"taken {taken / seconds:,.0f} fixes/s for {seconds:.0f} s   {dict(told)}")
    cuts = statistics.quantiles(lags_ms, n=100)
    print(f"until SQL: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, worst {max(lags_ms)} ms")
    after = memory_mb(house)
    print("memory MB  " + "  ".join(f"{name} {before[name]} -> {after[name]}" for name in before))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--phones", type=int, default=250)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        private_house(
            Path(folder), has_servers=True, LIMITS_SCALE="1000", WEB_WORKERS="2"
        ) as house,
    ):
        asyncio.run(measure(house, options.seconds, options.rate, options.phones))


if __name__ == "__main__":
    main()
