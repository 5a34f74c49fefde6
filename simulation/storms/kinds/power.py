"""Power cuts: everything ends at once, and what was not brought to disk is gone."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from launcher.private_house import PrivateEngines
from simulation.storms.harms import Draw, Harm
from simulation.storms.kinds import undoing
from simulation.storms.redis_line import say
from simulation.storms.site import OF_THE_HOUSE, Site

# So that each write of MariaDB goes through a call that can be taken back.
SQL_OPTIONS = ("--innodb-flush-method=fsync", "--innodb-use-native-aio=0")
WRITES = 300
# A file that knows nothing of a server; it ends as a power cut would end it.
SQLITE_WRITER = """
import os, signal, sqlite3
sql = sqlite3.connect("cuts.sqlite3", isolation_level=None)
sql.execute("PRAGMA journal_mode=WAL")
sql.execute("PRAGMA synchronous={synchronous}")
sql.execute("CREATE TABLE cuts (id INT PRIMARY KEY)")
for number in range({writes}):
    sql.execute("INSERT INTO cuts VALUES (?)", (number,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def engines_without_power(folder: Path, *, is_embedded: bool = False) -> PrivateEngines:
    """Engines whose writes can be taken back. Raises NoCompiler."""
    engines = PrivateEngines(folder, is_embedded=is_embedded)
    engines.environment = undoing.build(folder)
    engines.sql_options = SQL_OPTIONS
    return engines


def _cut(engines: PrivateEngines, files: Iterable[Path], chance: random.Random | None) -> int:
    """Take back what dead processes had not brought to disk; bytes undone."""
    return undoing.take_back(Path(engines.environment["RINGSIDE_UNDO"]), files, chance)


def _files(engines: PrivateEngines, name: str) -> Iterable[Path]:
    return engines.files(name).rglob("*")


def _sql_files(site: Site) -> Iterable[Path]:
    if site.engines.is_embedded:
        # What processes share in memory beside them is nothing that a disk must keep.
        return [site.house.data_dir / f"ringside.sqlite3{end}" for end in ("", "-wal")]
    return _files(site.engines, "sql")


def _cut_power(chance: random.Random, site: Site) -> Harm:
    seed = chance.randrange(10**6)
    # One machine for all, or one for each engine.
    alone = chance.choice([None, *(name for name in ("bank", "sql") if name in site.engines.names)])

    def cut(site: Site) -> None:
        parts = random.Random(seed)
        # Nobody may come back while the files are still those of before the cut.
        with site.nobody_comes_back():
            site.kill(*([alone] if alone else ["bank", "sql", "live", *OF_THE_HOUSE]))
            if alone != "sql":
                _cut(site.engines, _files(site.engines, "bank"), parts)
            if alone != "bank":
                _cut(site.engines, _sql_files(site), parts)

    return Harm(
        kind="power", sentence=f"the power of {alone or 'all'} is cut ({seed})", begin=cut,
        lasts_s=chance.choice((0.0, 1.0)),
    )  # fmt: skip


def draws(site: Site) -> list[Draw]:
    """Power cuts alone."""
    return [_cut_power]


def lost_by(folder: Path, *, is_weak: bool, is_embedded: bool = False) -> dict[str, int]:
    """How many of 300 acknowledged writes each engine loses at a cut, by name.

    With `is_weak` under settings that the gate and the checks refuse, or nobody can choose:
    everysec, a log that is flushed once a second, a file that is never synchronised. They must
    lose, or the cuts take nothing back. Raises NoCompiler.
    """
    folder.mkdir()
    engines = engines_without_power(folder, is_embedded=is_embedded)
    if is_weak:
        engines.sql_options += ("--innodb-flush-log-at-trx-commit=2",)
    try:
        engines.start_all()
        if is_weak:
            say(engines.socket("bank"), "CONFIG SET appendfsync everysec")
        if is_embedded:
            lost = _lost_by_sqlite(engines, "OFF" if is_weak else "FULL")
        else:
            lost = _lost_by_mariadb(engines)
        for number in range(WRITES):
            say(engines.socket("bank"), f"RPUSH cuts {number}")
        engines.kill("bank")
        _cut(engines, _files(engines, "bank"), None)
        engines.start_all()
        told = say(engines.socket("bank"), "LLEN cuts").strip().removeprefix(":")
        return {"bank": WRITES - int(told), "sql": lost}
    finally:
        engines.stop_all()


def _lost_by_mariadb(engines: PrivateEngines) -> int:
    lines = ["CREATE TABLE cuts (id INT PRIMARY KEY) ENGINE=InnoDB"]
    lines += [f"INSERT INTO cuts VALUES ({number})" for number in range(WRITES)]
    _ask_sql(engines, ";".join(lines))
    engines.kill("sql")
    _cut(engines, _files(engines, "sql"), None)
    engines.start_all()
    return WRITES - int(_ask_sql(engines, "SELECT COUNT(*) FROM cuts"))


def _lost_by_sqlite(engines: PrivateEngines, synchronous: str) -> int:
    writer = SQLITE_WRITER.format(synchronous=synchronous, writes=WRITES)
    env = {**os.environ, **engines.environment}
    subprocess.run([sys.executable, "-c", writer], cwd=engines.folder, env=env, check=False)
    _cut(engines, engines.folder.glob("cuts.sqlite3*"), None)
    with closing(sqlite3.connect(engines.folder / "cuts.sqlite3")) as sql:
        (found,) = sql.execute("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'cuts'").fetchone()
        (kept,) = sql.execute("SELECT COUNT(*) FROM cuts").fetchone() if found else (0,)
        return WRITES - int(kept)


def _ask_sql(engines: PrivateEngines, words: str) -> str:
    command = ["mariadb", "--no-defaults", f"--socket={engines.socket('sql')}", "-uroot", "-NB"]
    told = subprocess.run([*command, "ringside", "-e", words], capture_output=True, check=True)
    return told.stdout.decode()
