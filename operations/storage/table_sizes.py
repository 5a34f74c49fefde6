"""What the tables take on disk: rows, bytes, and the files that hold them.

On MariaDB and MySQL each table and each partition is a file of its own; where the server's folder
cannot be read, its own list of files gives the sizes, and inodes stay unknown. On SQLite all
tables share one file. Figures of rows are the engine's estimates there.
"""

import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

# dbstat reads every page of the file.
SQLITE_BYTES_MAX = 512 * 2**20


@dataclass(frozen=True, slots=True)
class File:
    """A file of the engine. `inode` is None where only its size is known."""

    name: str
    size_bytes: int
    inode: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table, or one partition of it (then it has a name)."""

    name: str = ""
    rows: int
    data_bytes: int
    index_bytes: int
    free_bytes: int
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One table with its parts; `referenced_by` are the tables whose rows point to it.

    `indexes` are those beside the primary key, where the engine tells.
    """

    name: str
    parts: list[Part]
    indexes: int = 0
    referenced_by: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def data_bytes(self) -> int:
        return sum(part.data_bytes for part in self.parts)

    @property
    def index_bytes(self) -> int:
        return sum(part.index_bytes for part in self.parts)

    @property
    def free_bytes(self) -> int:
        return sum(part.free_bytes for part in self.parts)

    @property
    def file_bytes(self) -> int:
        return sum(part.file.size_bytes for part in self.parts if part.file)

    @property
    def is_partitioned(self) -> bool:
        return bool(self.parts and self.parts[0].name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """All sizes at one moment. `folder` is None where it cannot be read.

    `shared` are files that hold more than one table (SQLite's own, its write-ahead log), and
    `free_bytes` what is free in them.
    """

    engine: str
    folder: Path | None
    tables: list[Stored]
    shared: list[File] = field(default_factory=list)
    free_bytes: int = 0

    @property
    def reusable_bytes(self) -> int:
        """What new rows may fill before a file grows: whole pages, and the rest of used ones."""
        return self.free_bytes + sum(table.free_bytes for table in self.tables)

    def table(self, name: str) -> Stored:
        """The table of a name. Raises KeyError."""
        return {table.name: table for table in self.tables}[name]

    @property
    def file_bytes(self) -> int:
        """All files together."""
        return sum(table.file_bytes for table in self.tables) + sum(
            file.size_bytes for file in self.shared
        )


def read() -> Storage:
    """Read the sizes of every table now; the biggest come first."""
    return _read_sqlite() if connection.vendor == "sqlite" else _read_mysql()


def _rows(statement: str, values: Any = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _sorted(tables: list[Stored]) -> list[Stored]:
    return sorted(tables, key=lambda table: -(table.data_bytes + table.index_bytes))


# --- MariaDB and MySQL

_PARTS = """
SELECT TABLE_NAME, COALESCE(PARTITION_NAME, ''), TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, DATA_FREE
FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, PARTITION_ORDINAL_POSITION
"""
_REFERENCES = """
SELECT DISTINCT REFERENCED_TABLE_NAME, TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
"""
_INDEXES = """
SELECT TABLE_NAME, COUNT(DISTINCT INDEX_NAME) FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME <> 'PRIMARY' GROUP BY TABLE_NAME
"""


def _read_mysql() -> Storage:
    [(version, folder_name, database, host)] = _rows(
        "SELECT @@version, @@datadir, DATABASE(), @@hostname"
    )
    is_mariadb = "mariadb" in version.lower()
    if not is_mariadb:
        # MySQL 8 otherwise returns figures that may be a day old.
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION information_schema_stats_expiry = 0")
    folder = Path(folder_name) / database
    files = _files_in(folder) if host == socket.gethostname() else None
    found = files if files is not None else _files_told(database, is_mariadb)
    references = defaultdict(set)
    for parent, child in _rows(_REFERENCES):
        references[parent].add(child)
    indexes = dict(_rows(_INDEXES))
    parts = defaultdict(list)
    for table, part, rows, data, index, free in _rows(_PARTS):
        file = found.get(f"{table}#p#{part}".lower() if part else table.lower())
        parts[table].append(Part(name=part, rows=rows or 0, data_bytes=data or 0,
            index_bytes=index or 0, free_bytes=free or 0, file=file))  # fmt: skip
    tables = [
        Stored(
            name=name,
            parts=each,
            indexes=indexes.get(name, 0),
            referenced_by=tuple(sorted(references[name] - {name})),
        )
        for name, each in parts.items()
    ]
    return Storage(
        engine=f"{'MariaDB' if is_mariadb else 'MySQL'} {version.partition('-')[0]}",
        folder=folder if files is not None else None,
        tables=_sorted(tables),
    )


def _files_in(folder: Path) -> dict[str, File] | None:
    """The .ibd files by table and partition; None where the folder cannot be read."""
    found = {}
    try:
        for path in folder.iterdir():
            if path.suffix == ".ibd":
                status = path.stat()
                found[path.stem.lower()] = File(path.name, status.st_size, status.st_ino)
    except OSError:
        return None
    return found


def _files_told(database: str, is_mariadb: bool) -> dict[str, File]:
    """The files as the server lists them, without inodes; empty where we may not ask."""
    table = "INNODB_SYS_TABLESPACES" if is_mariadb else "INNODB_TABLESPACES"
    found = {}
    with suppress(DatabaseError):
        for name, size in _rows(
            f"SELECT NAME, FILE_SIZE FROM information_schema.{table} WHERE NAME LIKE %s",
            [f"{database}/%"],
        ):
            stem = name.partition("/")[2]
            found[stem.lower()] = File(f"{stem}.ibd", size, None)
    return found


# --- SQLite

_SQLITE_PAGES = """
SELECT coalesce(owner.tbl_name, stat.name), stat.name = coalesce(owner.tbl_name, stat.name),
  sum(stat.pgsize), sum(stat.unused),
  sum(CASE WHEN stat.pagetype = 'leaf' THEN stat.ncell ELSE 0 END)
FROM dbstat AS stat LEFT JOIN sqlite_schema AS owner ON owner.name = stat.name
GROUP BY stat.name
"""


def _read_sqlite() -> Storage:
    [(_number, _name, path)] = _rows("PRAGMA database_list")[:1]
    [(pages,)], [(page_bytes,)] = _rows("PRAGMA page_count"), _rows("PRAGMA page_size")
    [(free_pages,)], [(version,)] = _rows("PRAGMA freelist_count"), _rows("SELECT sqlite_version()")
    is_small = pages * page_bytes <= SQLITE_BYTES_MAX
    return Storage(
        engine=f"SQLite {version}",
        folder=Path(path).parent if path else None,
        tables=_sorted(list(_sqlite_tables())) if is_small else [],
        shared=[_file(Path(path + end)) for end in ("", "-wal") if Path(path + end).is_file()],
        free_bytes=free_pages * page_bytes,
    )


def _file(path: Path) -> File:
    status = path.stat()
    return File(path.name, status.st_size, status.st_ino)


def _sqlite_tables() -> Iterator[Stored]:
    figures: dict[str, dict[bool, tuple[int, int, int]]] = defaultdict(dict)
    try:
        pages = _rows(_SQLITE_PAGES)
    except DatabaseError:
        # An SQLite that was built without dbstat knows only the size of the whole.
        return
    for table, is_table, size, unused, cells in pages:
        before = figures[table].get(bool(is_table), (0, 0, 0))
        figures[table][bool(is_table)] = (
            before[0] + size, before[1] + unused, before[2] + cells,
        )  # fmt: skip
    for table, found in figures.items():
        data, unused, rows = found.get(True, (0, 0, 0))
        index, index_unused, _cells = found.get(False, (0, 0, 0))
        part = Part(rows=rows, data_bytes=data, index_bytes=index,
            free_bytes=unused + index_unused)  # fmt: skip
        yield Stored(name=table, parts=[part])
