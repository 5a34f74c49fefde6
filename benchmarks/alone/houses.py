"""Houses for the benchmarks of Ringside alone: started for one of them, and asked from inside."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from benchmarks.sides.ringside import LIMITS_SCALE, START_TIMEOUT_S
from launcher.private_house import House, private_house

PATIENCE_S = 500


@contextmanager
def quiet_house(folder: Path, *, has_servers: bool = True) -> Iterator[House]:
    """A house without a demo and with limits out of the way, on MariaDB and Redis or embedded."""
    folder.mkdir()
    with private_house(
        folder, options=("--no-demo",), has_servers=has_servers, timeout_s=START_TIMEOUT_S,
        LIMITS_SCALE=LIMITS_SCALE, WEB_WORKERS="1",
    ) as house:  # fmt: skip
        yield house


async def ask_inside(house: House, call: str, *arguments: int) -> dict[str, Any]:
    """The figures of a call of inside.py. Raises RuntimeError with what went wrong."""
    script = f"from benchmarks.alone import inside; inside.{call}{arguments}"
    said = await asyncio.to_thread(
        house.manage, "shell", "-c", script, timeout_s=PATIENCE_S
    )  # fmt: skip
    if said.returncode:
        raise RuntimeError(said.stderr)
    figures: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return figures


class SlowLog:
    """The calls of a house's bank, by how long each held it up."""

    CALLS_MAX = 100_000

    def __init__(self, house: House) -> None:
        url = house.env.get("REDIS_BANK_URL") or f"unix://{house.data_dir / 'bank.sock'}"
        self._bank = redis.Redis.from_url(url)

    def begin(self) -> None:
        """Note every call from now on."""
        self._bank.config_set("slowlog-max-len", self.CALLS_MAX)
        self._bank.config_set("slowlog-log-slower-than", 0)
        self._bank.slowlog_reset()

    def longest_ms(self) -> float:
        """The longest call of a Function since then."""
        calls = self._bank.slowlog_get(self.CALLS_MAX)
        self._bank.config_set("slowlog-log-slower-than", -1)
        return max(
            (call["duration"] for call in calls if call["command"].startswith(b"FCALL")), default=0
        ) / 1000  # fmt: skip
