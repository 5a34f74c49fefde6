"""Faults: processes that end or stand still, lines that break, memory and disks that are full."""

import random
import resource
import signal
import time

from simulation.storms.harms import Draw, Harm
from simulation.storms.kinds import stepping
from simulation.storms.proxy import Trap
from simulation.storms.redis_line import figure, say
from simulation.storms.site import OF_THE_HOUSE, Site

SILENT_S = (0.5, 8.0)
# SQL away "for a while": longer than any patience of the house.
AWAY_S = (12.0, 40.0)
# A deadline is ten seconds away, and a bet expires after five.
CLOCK_STEPS_S = (-3600.0, -30.0, -2.0, 2.0, 8.0, 60.0, 600.0)
MEMORY_ROOM_BYTES = 4096
DISK_ROOM_BYTES = 8192
TRAP_WAIT_S = 12.0
# Where a settlement is killed: the line, what passes on it, and what it means.
POINTS = (
    ("bank", b"lock_v", "the lock"),
    ("bank", b"decide_v", "the decision"),
    ("bank", b"place_bets_v", "a bet"),
    ("bank", b"pay_v", "a payment"),
    ("sql", b"INSERT INTO `betting_ledgerentry`", "a record"),
    ("sql", b"UPDATE `betting_watermark`", "the watermark"),
    ("sql", b"COMMIT", "a commit"),
)


def _kill(chance: random.Random, site: Site) -> Harm:
    name = chance.choice(site.names)
    return Harm(
        kind="kill",
        sentence=f"kill -9 of {name}",
        begin=lambda site: site.kill(name),
        lasts_s=chance.choice((0.0, 0.5, 2.0)),
    )


def _kill_house(chance: random.Random, site: Site) -> Harm:
    names = (*OF_THE_HOUSE, *chance.choice(((), ("bank",), site.engines.names)))
    return Harm(
        kind="kill all",
        sentence=f"kill -9 of {', '.join(names)}",
        begin=lambda site: site.kill(*names),
    )


def _stop(chance: random.Random, site: Site) -> Harm:
    name = chance.choice(site.names)
    return Harm(
        kind="stop",
        sentence=f"SIGSTOP of {name}",
        begin=lambda site: site.tell(name, signal.SIGSTOP),
        lasts_s=chance.uniform(*SILENT_S),
        end=lambda site: site.tell(name, signal.SIGCONT),
    )


def _cut(chance: random.Random, site: Site) -> Harm:
    line = site.lines[chance.choice(sorted(site.lines.by_name))]
    times = chance.randint(1, 5)

    def cut(_site: Site) -> None:
        for _ in range(times):
            line.cut()
            time.sleep(0.2)

    return Harm(kind="cut", sentence=f"connections to {line.name} cut {times} times", begin=cut)


def _delay(chance: random.Random, site: Site) -> Harm:
    line = site.lines[chance.choice(sorted(site.lines.by_name))]
    delay_s = chance.choice((0.05, 0.3, 1.5))
    return Harm(
        kind="delay",
        sentence=f"each word to and from {line.name} is {delay_s} s late",
        begin=lambda _site: setattr(line, "delay_s", delay_s),
        lasts_s=chance.uniform(*SILENT_S),
    )


def _silence(chance: random.Random, site: Site) -> Harm:
    line = site.lines[chance.choice(sorted(site.lines.by_name))]
    return Harm(
        kind="drop",
        sentence=f"every word to and from {line.name} is dropped",
        begin=lambda _site: setattr(line, "is_silent", True),
        lasts_s=chance.uniform(*SILENT_S),
    )


def _fill(chance: random.Random, site: Site) -> Harm:
    name = chance.choice(("bank", "live"))
    socket = site.engines.socket(name)
    kept = ""

    def fill(_site: Site) -> None:
        nonlocal kept
        kept = figure(socket, "maxmemory")
        used = int(figure(socket, "used_memory"))
        say(socket, f"CONFIG SET maxmemory {used + MEMORY_ROOM_BYTES}")

    return Harm(
        kind="memory",
        sentence=f"the memory of {name} is full",
        begin=fill,
        lasts_s=chance.uniform(*SILENT_S),
        end=lambda _site: say(socket, f"CONFIG SET maxmemory {kept}"),
    )


def _fill_disk(chance: random.Random, site: Site) -> Harm:
    room = chance.randint(0, DISK_ROOM_BYTES)

    def fill(site: Site) -> None:
        files = site.engines.files("bank") / "appendonlydir"
        size = max(path.stat().st_size for path in files.glob("*.aof"))
        limit = (size + room, resource.RLIM_INFINITY)
        resource.prlimit(site.engines.pids["bank"], resource.RLIMIT_FSIZE, limit)
        _wait_for_end(site, "bank")

    return Harm(
        kind="disk",
        sentence=f"the bank's disk is full after {room} bytes",
        begin=fill,
        # It may still run where nobody wrote; its limit ends with it.
        end=lambda site: site.kill("bank"),
    )


def _wait_for_end(site: Site, name: str) -> None:
    until_s = time.monotonic() + TRAP_WAIT_S
    while time.monotonic() < until_s and site.engines.running[name].poll() is None:
        time.sleep(0.05)


def _step_clock(chance: random.Random, site: Site) -> Harm:
    by_s = chance.choice(CLOCK_STEPS_S)
    return Harm(
        kind="clock",
        sentence=f"the clock of the engines is {by_s:+g} s wrong",
        begin=lambda site: stepping.step(site.engines, by_s),
        lasts_s=chance.uniform(*SILENT_S),
        end=lambda site: stepping.step(site.engines, 0),
    )


def _take_sql(chance: random.Random, site: Site) -> Harm:
    line = site.lines["sql"]

    def refuse(_site: Site) -> None:
        line.is_refusing = True
        line.cut()

    return Harm(
        kind="sql away",
        sentence="SQL is away for longer than anybody waits",
        begin=refuse,
        lasts_s=chance.uniform(*AWAY_S),
    )


def _kill_at_point(chance: random.Random, site: Site) -> Harm:
    names = [point for point in POINTS if point[0] in site.lines.by_name]
    line_name, word, what = chance.choice(names)
    is_before = chance.random() < 0.5
    victims = chance.choice((OF_THE_HOUSE, ("bank",), (*OF_THE_HOUSE, "bank")))
    line = site.lines[line_name]

    def set_trap(site: Site) -> None:
        line.trap = Trap(word=word, is_before=is_before, spring=lambda: site.kill(*victims))
        until_s = time.monotonic() + TRAP_WAIT_S
        while line.trap and time.monotonic() < until_s:
            time.sleep(0.05)

    when = "before it arrives" if is_before else "before its answer arrives"
    return Harm(
        kind="point",
        sentence=f"kill -9 of {', '.join(victims)} at {what} on the line to {line_name}, {when}",
        begin=set_trap,
    )


def draws(site: Site) -> list[Draw]:
    """The faults that this site can suffer."""
    more = [] if site.engines.is_embedded else [_take_sql]
    if stepping.can_step(site.engines):
        more.append(_step_clock)
    return [*short_draws(site), *more]


def short_draws(_site: Site) -> list[Draw]:
    """Those that last seconds."""
    return [
        _kill, _kill_house, _stop, _cut, _delay, _silence, _fill, _fill_disk, _kill_at_point,
        _kill_at_point,
    ]  # fmt: skip
