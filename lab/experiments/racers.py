"""Four programs at once on one counter: what each of them does, and how they start together.

Run as `python -m lab.experiments.racers KIND SOCKET TIMES`; the counters lie in the Redis they race
on, so the program that started them reads the result there.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab.line import Line

RACERS = 4
POOL = "pool"
PER_WRITE = 100
# One answer of fifty is lost on its way, and the client, who cannot know, asks again.
LOST_ANSWER_EVERY = 50
# A racer serves twenty people at once, like a web process that waits for their answers.
PEOPLE_AT_ONCE = 20
PURSE_COINS = 150
TRIES_PER_PERSON = 200


def read_add_write(line: Line, times: int) -> None:
    """Read the figure, add one here, write it back."""
    for _ in range(times):
        seen = int(line.call("GET", POOL) or 0)
        line.call("SET", POOL, seen + 1)


def hincrby(line: Line, times: int) -> None:
    """One command that reads, adds and writes, a hundred to a write."""
    for begun in range(0, times, PER_WRITE):
        line.pipeline([("HINCRBY", POOL, "coins", 1)] * min(PER_WRITE, times - begun))


def hincrby_again(line: Line, times: int) -> None:
    """HINCRBY, by clients that ask again after a lost answer."""
    for begun in range(0, times, PER_WRITE):
        once = min(PER_WRITE, times - begun)
        line.pipeline([("HINCRBY", POOL, "coins", 1)] * (once + once // LOST_ANSWER_EVERY))


def look_then_take(line: Line, times: int) -> None:
    """Look into each purse; where there is a coin, take it with HINCRBY in a second step."""
    groups = times * RACERS // (PEOPLE_AT_ONCE * TRIES_PER_PERSON)
    for group in range(groups):
        people = [f"purse:{group}:{at}" for at in range(PEOPLE_AT_ONCE)]
        meet(line, f"group:{group}")
        for _ in range(TRIES_PER_PERSON // RACERS):
            held = line.pipeline([("HGET", one, "coins") for one in people])
            able = [one for one, coins in zip(people, held, strict=True) if int(coins) > 0]
            line.pipeline([("HINCRBY", one, "coins", -1) for one in able])
            line.call("INCRBY", "taken", len(able))


KINDS: dict[str, Callable[[Line, int], None]] = {
    "read_add_write": read_add_write,
    "hincrby": hincrby,
    "hincrby_again": hincrby_again,
    "look_then_take": look_then_take,
}


def meet(line: Line, place: str) -> None:
    """Wait until all racers have come to a place."""
    line.call("INCR", f"at:{place}")
    while int(line.call("GET", f"at:{place}")) < RACERS:
        time.sleep(random.uniform(0.0001, 0.001))


def main(kind: str, socket: str, times: str) -> None:
    """Race: meet the others, then do it `times` times."""
    with Line(Path(socket)) as line:
        meet(line, "start")
        KINDS[kind](line, int(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
