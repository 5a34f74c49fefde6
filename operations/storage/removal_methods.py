"""The methods to remove rows, and what each would do here: a table for operators.

Facts of InnoDB and SQLite; operations/tests/storage/test_storage.py tries them on real files.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from operations.storage.purgeable import KEPT_TABLES
from operations.storage.table_sizes import Storage, Stored
from operations.tables import Table, size

# A fresh InnoDB file: four pages, and one more for each index beside the primary key.
NEW_FILE_BYTES = 65_536
PAGE_BYTES = 16_384
REFERENCES_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Method:
    """A statement, whether it can be taken back, its effect on the space and on other clients."""

    statement: str
    takes_back: str
    space: str
    others: str


def methods(vendor: str) -> list[Method]:
    """The methods of an engine (Django's vendor name)."""
    return _sqlite() if vendor == "sqlite" else _innodb()


def _innodb() -> list[Method]:
    at_once = _("It commits by itself: never.")
    return [
        Method(
            "DELETE",
            _("Until COMMIT."),
            _("Stays in the file, which keeps size and inode, and is filled again by new rows."),
            _("Only those who want the same rows wait."),
        ),
        Method(
            "TRUNCATE TABLE",
            at_once,
            _("Goes back at once: the file is made anew, small, with another inode."),
            _("Waits for every open reader, and all who come later wait behind it. Refused while"
              " a foreign key points to the table."),
        ),
        Method(
            "DROP TABLE",
            at_once,
            _("Goes back at once: the file is gone, and the table with it."),
            _("As with TRUNCATE."),
        ),
        Method(
            "ALTER TABLE … DROP PARTITION",
            at_once,
            _("The partition's file is gone; every other file stays as it is."),
            _("As with TRUNCATE, for an instant."),
        ),
        Method(
            "OPTIMIZE TABLE",
            _("Removes nothing."),
            _("What was free in the file goes back: the file is written anew, with another inode."
              " Until then it needs the space of both."),
            _("Readers and writers go on, but for an instant at either end."),
        ),
    ]  # fmt: skip


def _sqlite() -> list[Method]:
    return [
        Method(
            "DELETE",
            _("Until COMMIT."),
            _("Stays in the file, which keeps size and inode, and is filled again by new rows."),
            _("Everybody who writes waits."),
        ),
        Method(
            "DROP TABLE",
            _("Until COMMIT."),
            _("Stays in the file, as with DELETE; the table is gone."),
            _("Everybody who writes waits."),
        ),
        Method(
            "VACUUM",
            _("Removes nothing."),
            _("What was free in the file goes back; the inode stays. Until then it needs the space"
              " of both."),
            _("Everybody who writes waits until it is done."),
        ),
    ]  # fmt: skip


def method_table(vendor: str) -> Table:
    """The methods as a table."""
    return Table(
        title=_("Ways to remove"),
        heads=(_("Statement"), _("Can be taken back"), _("Space"), _("Others")),
        rows=[
            (method.statement, method.takes_back, method.space, method.others)
            for method in methods(vendor)
        ],
    )


def effect_table(storage: Storage) -> Table:
    """What each method would give back of each table, in bytes of the file."""
    return Table(
        title=_("What removing everything would give back"),
        heads=(_("Table"), "DELETE", "TRUNCATE", "DROP PARTITION", "OPTIMIZE"),
        rows=[_would(table) for table in storage.tables if table.file_bytes],
        figures=frozenset({1, 3, 4}),
    )


def _would(table: Stored) -> tuple[str, ...]:
    if table.name in KEPT_TABLES:
        never = _("never removed")
        return (table.name, never, never, never, _("about %s") % size(table.free_bytes))
    oldest = table.parts[0]
    return (
        table.name,
        _("nothing"),
        _truncated(table),
        f"{oldest.name}: {size(oldest.file.size_bytes)}"
        if table.is_partitioned and oldest.file
        else "–",
        _("about %s") % size(table.free_bytes),
    )


def _truncated(table: Stored) -> str:
    if table.referenced_by:
        some = ", ".join(table.referenced_by[:REFERENCES_SHOWN])
        return _("refused: %s") % some + (" …" if table.referenced_by[REFERENCES_SHOWN:] else "")
    return size(truncated_bytes(table))


def truncated_bytes(table: Stored) -> int:
    """What goes back to the system when a table is truncated."""
    fresh_bytes = NEW_FILE_BYTES + PAGE_BYTES * table.indexes
    return max(0, table.file_bytes - fresh_bytes * len(table.parts))
