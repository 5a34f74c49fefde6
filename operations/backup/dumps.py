"""The database as one file: written while people bet, and read into an empty database.

SQLite is copied by its own backup call, MariaDB and MySQL by their dump program in one
transaction; neither stops anybody.
"""

import gzip
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

NAMES = {"sqlite": "database.sqlite3", "mysql": "database.sql.gz"}
PIECE_BYTES = 1 << 20
# One snapshot for all tables, read row by row; blobs as hex, so the file is text throughout.
DUMP = (
    "--single-transaction", "--quick", "--skip-lock-tables", "--no-tablespaces", "--hex-blob",
    "--default-character-set=utf8mb4",
)  # fmt: skip


class DumpFailed(RuntimeError):
    """The database could not be written or read; the message holds its program's words."""


def name() -> str:
    """What the file is called in a backup of the configured database."""
    return NAMES[connection.vendor]


def write(path: Path) -> None:
    """Write the configured database into a new file, as it stands at one moment."""
    if connection.vendor == "sqlite":
        _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), path)
        return
    with _options() as options, gzip.open(path, "wb", compresslevel=1) as file:
        command = [_program("mariadb-dump", "mysqldump"), options, *DUMP, _database()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout and child.stderr
            shutil.copyfileobj(child.stdout, file, PIECE_BYTES)
            _expect_good_end(child, child.stderr.read())


def read(path: Path) -> None:
    """Fill the configured, empty database from a file. Raises DumpFailed when it is not empty."""
    if connection.introspection.table_names():
        raise DumpFailed("The database is not empty; name an empty one in DATABASE_URL.")
    connection.close()
    if connection.vendor == "sqlite":
        _copy_sqlite(path, Path(settings.DATABASES["default"]["NAME"]))
        return
    with _options() as options, gzip.open(path, "rb") as file:
        command = [_program("mariadb", "mysql"), options, _database()]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert child.stdin and child.stderr
        try:
            shutil.copyfileobj(file, child.stdin, PIECE_BYTES)
            child.stdin.close()
        except BrokenPipeError:
            # Its own words, below, say more.
            pass
        _expect_good_end(child, child.stderr.read())


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            # All pages in one step: readers and the writer go on, the copy is of one moment.
            here.backup(there)
    except sqlite3.Error as error:
        raise DumpFailed(f"{source} was not copied to {target}: {error}.") from error


@contextmanager
def _options() -> Iterator[str]:
    """How to reach the database, in a file that only we may read: arguments are for all eyes."""
    chosen = settings.DATABASES["default"]
    socket = chosen.get("OPTIONS", {}).get("unix_socket", "")
    values = {
        "user": chosen["USER"],
        "password": chosen["PASSWORD"],
        "socket": socket,
        "host": "" if socket else chosen["HOST"],
        "port": chosen["PORT"],
    }
    lines = [f'{key}="{_quoted(value)}"' for key, value in values.items() if value]
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
        file.write("\n".join(["[client]", *lines, ""]))
        file.flush()
        yield f"--defaults-file={file.name}"


def _quoted(value: object) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"')


def _database() -> str:
    return str(settings.DATABASES["default"]["NAME"])


def _program(*names: str) -> str:
    for candidate in names:
        if found := shutil.which(candidate):
            return found
    raise DumpFailed(f"{names[0]} is not installed; as root: apt-get install mariadb-client")


def _expect_good_end(child: subprocess.Popen[bytes], words: bytes) -> None:
    if child.wait():
        raise DumpFailed(words.decode(errors="replace").strip())
