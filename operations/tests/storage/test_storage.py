"""What tables take on disk, and that each way of removing does what `storage` says of it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from locations.fixes.fix import Fix
from locations.history import partitions, storage
from operations.storage import removal_methods, table_sizes
from web import times

pytestmark = pytest.mark.django_db(transaction=True)
on_mariadb = pytest.mark.skipif("connection.vendor != 'mysql'", reason="InnoDB's files")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's file")

ROWS = 20_000


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def heap() -> Any:
    """A table of some megabytes that belongs to nobody."""
    execute(
        "CREATE TABLE heap (id INTEGER PRIMARY KEY, text VARCHAR(200))",
        "CREATE INDEX heap_text ON heap (text)",
    )
    with connection.cursor() as cursor:
        for start in range(0, ROWS, 1_000):
            rows = ",".join(f"({number},'{'x' * 150}')" for number in range(start, start + 1_000))
            cursor.execute(f"INSERT INTO heap VALUES {rows}")
    execute("ANALYZE TABLE heap" if connection.vendor == "mysql" else "ANALYZE heap")
    yield
    execute("DROP TABLE IF EXISTS heap")


def heap_file() -> table_sizes.File:
    found = table_sizes.read().table("heap").parts[0].file
    assert found and found.inode
    return found


def folder() -> Path:
    found = table_sizes.read().folder
    assert found
    return found


def test_it_tells_rows_bytes_and_files_of_every_table(heap: Any) -> None:
    found = table_sizes.read()
    assert {"heap", "accounts_user", "betting_ledgerentry"} <= {t.name for t in found.tables}
    assert 2 * 2**20 < found.table("heap").data_bytes < 8 * 2**20
    out = StringIO()
    call_command("storage", stdout=out)
    lines = out.getvalue().splitlines()
    assert any(line.startswith("Tables: Table: heap; Rows: ") for line in lines)
    assert any("betting_ledgerentry" in line and "never removed" in line for line in lines) == (
        connection.vendor == "mysql"
    )
    out = StringIO()
    call_command("storage", "--json", stdout=out)
    assert json.loads(out.getvalue())["engine"] == found.engine


@on_mariadb
def test_it_knows_the_file_of_each_partition_as_the_system_does() -> None:
    parts = table_sizes.read().table(partitions.TABLE).parts
    assert [part.name for part in parts] == partitions.present()
    for part in parts:
        assert part.file and part.file.inode
        status = (folder() / part.file.name).stat()
        assert (status.st_size, status.st_ino) == (part.file.size_bytes, part.file.inode)


@on_mariadb
def test_it_says_so_when_it_may_not_look_into_the_folder(monkeypatch: Any) -> None:
    sizes = {t.name: t.file_bytes for t in table_sizes.read().tables}
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    told = table_sizes.read()
    assert told.folder is None
    assert {t.name: t.file_bytes for t in told.tables} == sizes
    assert all(part.file.inode is None for t in told.tables for part in t.parts if part.file)
    out = StringIO()
    call_command("storage", stdout=out)
    assert "cannot be looked into" in out.getvalue()


@on_mariadb
def test_innodb_does_what_is_said_of_each_way(heap: Any) -> None:
    said = {method.statement for method in removal_methods.methods("mysql")}
    before = heap_file()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        execute("DELETE FROM heap WHERE id % 2 = 0")
        raise ZeroDivisionError
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM heap")
        assert cursor.fetchone() == (ROWS,)
    execute("DELETE FROM heap WHERE id % 2 = 0")
    assert heap_file() == before
    execute("OPTIMIZE TABLE heap")
    optimized = heap_file()
    assert optimized.inode != before.inode and optimized.size_bytes < before.size_bytes
    promised_bytes = removal_methods.truncated_bytes(table_sizes.read().table("heap"))
    execute("TRUNCATE TABLE heap")
    truncated = heap_file()
    assert truncated.inode != optimized.inode
    assert optimized.size_bytes - truncated.size_bytes == promised_bytes
    execute("DROP TABLE heap")
    assert not (folder() / "heap.ibd").exists()
    assert {"DELETE", "OPTIMIZE TABLE", "TRUNCATE TABLE", "DROP TABLE"} < said


@on_sqlite
def test_sqlite_does_what_is_said_of_each_way(heap: Any) -> None:
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = table_sizes.read()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        execute("DROP TABLE heap")
        raise ZeroDivisionError
    execute("DELETE FROM heap", "PRAGMA wal_checkpoint(TRUNCATE)")
    deleted = table_sizes.read()
    assert deleted.shared[0] == before.shared[0]
    assert deleted.free_bytes - before.free_bytes > 2 * 2**20
    execute("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
    vacuumed = table_sizes.read()
    assert vacuumed.shared[0].inode == before.shared[0].inode
    assert vacuumed.free_bytes == 0
    assert before.shared[0].size_bytes - vacuumed.shared[0].size_bytes > 2 * 2**20


@on_mariadb
def test_it_names_who_forbids_to_truncate() -> None:
    rows = {row[0]: row for row in removal_methods.effect_table(table_sizes.read()).rows}
    assert rows["rooms_room"][2] == "refused: betting_market, betting_webhook …"
    assert rows["betting_ledgerentry"][1:4] == ("never removed",) * 3
    storage.write([(1, Fix(times.now_ms(), times.now_ms(), 1, 2))])
    assert rows[partitions.TABLE][3].startswith("p")


@on_mariadb
def test_a_private_server_leaves_the_temporary_tables_of_others_alone() -> None:
    """It removes those in its folder when it starts, which must not be everybody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@tmpdir, @@datadir")
        temporary, data = map(Path, cursor.fetchone())
    assert temporary == data.with_suffix(".tmp") and temporary.is_dir()
