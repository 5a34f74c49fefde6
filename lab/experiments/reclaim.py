"""Reclaim: ways to remove rows, what becomes of the file, and whether one can go back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.charts import Bar, bars
from lab.report import Claim, Report, Table
from lab.sql import Sql
from lab.workshop import Workshop

QUESTION = "which way of removing rows gives the disk back?"
ROWS = 120_000
DAYS = 3
BLOCK_BYTES = 512
NO_SUCH_TABLE, REFERENCED = 1146, 1701
COLUMNS = "user_id BIGINT NOT NULL, fix_ms BIGINT NOT NULL, note CHAR(100) NOT NULL DEFAULT 'x'"


@dataclass(frozen=True, slots=True)
class Found:
    """A file at one moment: its inode, its length and what it takes on the disk."""

    inode: int
    length: int
    on_disk: int


GONE = Found(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Removal:
    """One way of removing rows: the file before and after, the rows left after a ROLLBACK."""

    way: str
    before: Found
    after: Found
    rows_left: int
    rows_after_rollback: int | None = None

    @property
    def freed(self) -> int:
        return self.before.on_disk - self.after.on_disk

    @property
    def file(self) -> str:
        """What became of the file, in words."""
        if not self.after.inode:
            return "gone"
        return "the same" if self.after.inode == self.before.inode else "a new one"


def run(shop: Workshop) -> Report:
    """Remove the same rows in every way, each from a freshly filled table."""
    sql = shop.mariadb()
    rows = shop.share(ROWS, least=30_000)
    steps: list[Callable[[Sql, int], Removal]] = [
        _delete, _fill_again, _optimize, _truncate, _drop, _delete_day, _drop_partition,
    ]  # fmt: skip
    removals = []
    for step in steps:
        removals.append(step(sql, rows))
        shop.tell(f"{removals[-1].way}: the file is {removals[-1].file}")
    shop.tell("drop under an open file")
    held, still_held = _drop_while_open(sql, rows)
    neighbours = _inodes_beside_dropped_partition(sql, rows)
    return Report(
        name="reclaim",
        question=QUESTION,
        engines=sql.version(),
        tables=[_table(rows, removals)],
        conclusion=_conclusion(removals, still_held),
        claims=[*_claims(removals, rows), *_further(sql, held, still_held, neighbours)],
        charts={"reclaim.svg": _chart(removals)},
    )


def _fill(sql: Sql, rows: int, partitions: str = "") -> Path:
    """A new table `fix` with so many rows, a third of them on each of three days."""
    sql.run(
        f"DROP TABLE IF EXISTS fix; CREATE TABLE fix ({COLUMNS}, PRIMARY KEY (fix_ms, user_id))"
        f" ENGINE=InnoDB {partitions};"
        f"INSERT INTO fix (user_id, fix_ms) SELECT seq, seq FROM seq_1_to_{rows};"
    )
    sql.settle()
    return sql.file("fix", "day0" if partitions else "")


def _by_day(rows: int) -> str:
    bounds = ", ".join(
        f"PARTITION day{day} VALUES LESS THAN ({rows * (day + 1) // DAYS + 1})"
        for day in range(DAYS)
    )
    return f"PARTITION BY RANGE (fix_ms) ({bounds})"


def _look(file: Path) -> Found:
    try:
        seen = file.stat()
    except FileNotFoundError:
        return GONE
    return Found(seen.st_ino, seen.st_size, seen.st_blocks * BLOCK_BYTES)


def _count(sql: Sql) -> int:
    return sql.number("SELECT COUNT(*) FROM fix")


def _delete(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows)
    before = _look(file)
    back = sql.number("BEGIN; DELETE FROM fix; ROLLBACK; SELECT COUNT(*) FROM fix")
    sql.run("BEGIN; DELETE FROM fix; COMMIT")
    sql.settle()
    return Removal("DELETE of all", before, _look(file), _count(sql), back)


def _fill_again(sql: Sql, rows: int) -> Removal:
    """Goes on from the table that DELETE has emptied."""
    file = sql.file("fix")
    before = _look(file)
    sql.run(f"INSERT INTO fix (user_id, fix_ms) SELECT seq, seq FROM seq_1_to_{rows}")
    sql.settle()
    return Removal("… then as many INSERTs", before, _look(file), _count(sql))


def _optimize(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows)
    before = _look(file)
    sql.run("DELETE FROM fix WHERE user_id % 4 > 0")
    sql.purge()
    sql.run("OPTIMIZE TABLE fix")
    sql.settle()
    return Removal("DELETE of three quarters, OPTIMIZE", before, _look(file), _count(sql))


def _truncate(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows)
    before = _look(file)
    back = sql.number("BEGIN; TRUNCATE TABLE fix; ROLLBACK; SELECT COUNT(*) FROM fix")
    return Removal("TRUNCATE", before, _look(file), _count(sql), back)


def _drop(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows)
    before = _look(file)
    code = sql.refusal("BEGIN; DROP TABLE fix; ROLLBACK; SELECT COUNT(*) FROM fix")
    back = 0 if code == NO_SUCH_TABLE else rows
    return Removal("DROP TABLE", before, _look(file), 0, back)


def _delete_day(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows, _by_day(rows))
    before = _look(file)
    sql.run(f"DELETE FROM fix WHERE fix_ms <= {rows // DAYS}")
    sql.settle()
    return Removal("DELETE of a day's rows", before, _look(file), _count(sql))


def _drop_partition(sql: Sql, rows: int) -> Removal:
    file = _fill(sql, rows, _by_day(rows))
    before = _look(file)
    back = sql.number(
        "BEGIN; ALTER TABLE fix DROP PARTITION day0; ROLLBACK; SELECT COUNT(*) FROM fix"
    )
    return Removal("DROP PARTITION of the day", before, _look(file), _count(sql), back)


def _drop_while_open(sql: Sql, rows: int) -> tuple[int, int]:
    """Bytes on the disk before a DROP, and after it while somebody still holds the file open."""
    file = _fill(sql, rows)
    with file.open("rb") as reader:
        before = _look(file).on_disk
        sql.run("DROP TABLE fix")
        seen = Path(f"/proc/self/fd/{reader.fileno()}").stat()
        still_held = seen.st_blocks * BLOCK_BYTES if not seen.st_nlink else 0
    return before, still_held


def _inodes_beside_dropped_partition(sql: Sql, rows: int) -> bool:
    """Whether the other days' files stay what they were."""
    _fill(sql, rows, _by_day(rows))
    others = [sql.file("fix", f"day{day}") for day in range(1, DAYS)]
    before = [_look(file) for file in others]
    sql.run("ALTER TABLE fix DROP PARTITION day0")
    return before == [_look(file) for file in others] and GONE not in before


def _further(sql: Sql, held: int, still_held: int, neighbours: bool) -> list[Claim]:
    sql.run(
        "CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB;"
        "CREATE TABLE child (id INT, FOREIGN KEY (id) REFERENCES parent (id)) ENGINE=InnoDB;"
    )
    return [
        Claim("DROP PARTITION leaves the files of the other days alone, byte for byte in length",
              neighbours),
        Claim("a dropped file that somebody still reads has no name and keeps its blocks",
              0 < held == still_held),
        Claim("TRUNCATE of a table that another one references is refused",
              sql.refusal("TRUNCATE TABLE parent") == REFERENCED),
    ]  # fmt: skip


def _claims(removals: list[Removal], rows: int) -> list[Claim]:
    delete, again, optimize, truncate, drop, delete_day, drop_day = removals
    return [
        Claim("DELETE keeps the file and its length, and nothing comes back to the disk",
              delete.file == "the same" and delete.after.length == delete.before.length
              and delete.freed <= 0),
        Claim("DELETE can be rolled back until COMMIT", delete.rows_after_rollback == rows),
        Claim("its room is used again by the next rows: the file does not grow by a fifth",
              again.file == "the same" and again.after.length * 5 <= again.before.length * 6),
        Claim("OPTIMIZE writes a new, smaller file", optimize.file == "a new one"
              and optimize.after.length * 2 < optimize.before.length),
        Claim("TRUNCATE makes a new file of the same name, and cannot be rolled back",
              truncate.file == "a new one" and truncate.rows_after_rollback == 0
              and truncate.after.length * 10 < truncate.before.length),
        Claim("DROP removes the file, and cannot be rolled back",
              drop.file == "gone" and drop.rows_after_rollback == 0),
        Claim("DELETE of one day keeps that day's file",
              delete_day.file == "the same" and delete_day.freed <= 0),
        Claim("DROP PARTITION removes that day's file, and cannot be rolled back",
              drop_day.file == "gone" and drop_day.rows_after_rollback == drop_day.rows_left
              == rows - rows // DAYS),
    ]  # fmt: skip


def _table(rows: int, removals: list[Removal]) -> Table:
    columns = (
        "way", "the .ibd", "inode before", "inode after", "KB before", "KB after", "KB freed",
        "rows left", "ROLLBACK brings back",
    )  # fmt: skip
    return Table(f"{rows:,} rows in one table, or a third of them in each of three partitions",
                 columns, [_row(one) for one in removals])  # fmt: skip


def _row(one: Removal) -> tuple[str | int, ...]:
    back = "-"
    if one.rows_after_rollback is not None:
        back = "all" if one.rows_after_rollback > one.rows_left else "nothing"
    return (
        one.way,
        one.file,
        str(one.before.inode),
        str(one.after.inode or "-"),
        one.before.length // 1024,
        one.after.length // 1024,
        one.freed // 1024,
        one.rows_left,
        back,
    )


def _chart(removals: list[Removal]) -> str:
    rows = []
    for one in removals:
        kept, freed = one.after.on_disk // 1024, max(0, one.freed) // 1024
        note = f"{kept:,} KB kept, {freed:,} KB freed"
        rows.append(Bar(one.way, (kept, freed), note))
    unit = "KB on the disk after each way of removing rows, and KB given back"
    return bars("What becomes of the file", unit, rows, ("still taken", "given back"))


def _conclusion(removals: list[Removal], still_held: int) -> str:
    delete, _, _, truncate, *_ = removals
    return (
        f"DELETE can be undone until COMMIT and gives nothing back: the file keeps its inode and "
        f"its {delete.after.length // 1024:,} KB, and only later rows of the same table use the "
        "room. TRUNCATE does not empty the file that ls still shows; it makes a new one "
        f"({truncate.after.length // 1024} KB) under the old name. TRUNCATE, DROP and DROP "
        "PARTITION commit by themselves and cannot be rolled back. OPTIMIZE gives the room back "
        "by writing what is left into a second file, so it needs that room first. What is to go "
        "by age belongs in partitions: dropping one is a removed file, whatever its size. And a "
        "removed file is only free when nobody reads it any more: a backup that held it open kept "
        f"{still_held // 1024:,} KB that ls and du no longer show, but df does."
    )
