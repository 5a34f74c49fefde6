"""Power cuts: everything ends at once, and what was not brought to disk is gone."""

import random
import subprocess
from pathlib import Path

from launcher.private_house import PrivateEngines
from simulation.storms import undoing
from simulation.storms.harms import Draw, Harm
from simulation.storms.redis_line import say
from simulation.storms.site import OF_THE_HOUSE, Site

# So that each write of MariaDB goes through a call that can be taken back.
SQL_OPTIONS = ("--innodb-flush-method=fsync", "--innodb-use-native-aio=0")
WRITES = 300
_ON_DISK = ("bank", "sql")


def engines_without_power(folder: Path) -> PrivateEngines:
    """Engines whose writes can be taken back. Raises NoCompiler."""
    engines = PrivateEngines(folder)
    engines.environment = undoing.build(folder)
    engines.sql_options = SQL_OPTIONS
    return engines


def _cut(engines: PrivateEngines, chance: random.Random | None) -> int:
    """Take back what the dead engines had not brought to disk; bytes undone."""
    undo = Path(engines.environment["RINGSIDE_UNDO"])
    return sum(undoing.take_back(undo, engines.files(name), chance) for name in _ON_DISK)


def _cut_power(chance: random.Random, site: Site) -> Harm:
    seed = chance.randrange(10**6)

    def cut(site: Site) -> None:
        site.kill("bank", "sql", "live", *OF_THE_HOUSE)
        _cut(site.engines, random.Random(seed))

    return Harm(
        kind="power", sentence=f"the power is cut ({seed})", begin=cut,
        lasts_s=chance.choice((0.0, 1.0)),
    )  # fmt: skip


def draws(site: Site) -> list[Draw]:
    """Power cuts alone."""
    return [_cut_power]


def lost_by(folder: Path, *, is_weak: bool) -> dict[str, int]:
    """How many of 300 acknowledged writes each engine loses at a cut, by name.

    With `is_weak` under the settings that the gate and the checks refuse: everysec, and a log that
    is flushed once a second. They must lose, or the cuts take nothing back. Raises NoCompiler.
    """
    folder.mkdir()
    engines = engines_without_power(folder)
    if is_weak:
        engines.sql_options += ("--innodb-flush-log-at-trx-commit=2",)
    try:
        engines.start_all()
        if is_weak:
            say(engines.socket("bank"), "CONFIG SET appendfsync everysec")
        _write(engines)
        for name in _ON_DISK:
            engines.kill(name)
        _cut(engines, None)
        engines.start_all()
        return {name: WRITES - kept for name, kept in _read(engines).items()}
    finally:
        engines.stop_all()


def _write(engines: PrivateEngines) -> None:
    lines = ["CREATE TABLE cuts (id INT PRIMARY KEY) ENGINE=InnoDB"]
    lines += [f"INSERT INTO cuts VALUES ({number})" for number in range(WRITES)]
    _ask_sql(engines, ";".join(lines))
    for number in range(WRITES):
        say(engines.socket("bank"), f"RPUSH cuts {number}")


def _read(engines: PrivateEngines) -> dict[str, int]:
    told = say(engines.socket("bank"), "LLEN cuts").strip().removeprefix(":")
    return {"bank": int(told), "sql": int(_ask_sql(engines, "SELECT COUNT(*) FROM cuts"))}


def _ask_sql(engines: PrivateEngines, words: str) -> str:
    command = ["mariadb", "--no-defaults", f"--socket={engines.socket('sql')}", "-uroot", "-NB"]
    told = subprocess.run([*command, "ringside", "-e", words], capture_output=True, check=True)
    return told.stdout.decode()
