"""Purging: a plan of what would be removed by which method, and then exactly that.

Whole partitions are dropped, everything else is deleted a few hundred rows at a time, each piece
in a transaction of its own. Where a lock is held for longer than a second it stops; what is done
by then is whole, and the same command goes on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from locations.history import partitions
from operations.storage import purge_export, table_sizes
from operations.storage.purgeable import KINDS, Rows
from operations.storage.table_sizes import Storage
from web.rows.halving import halved
from web.rows.lock_patience import LOCK_WAIT_S, is_lock, short_waits
from web.times import DAY_MS


class PurgeStopped(RuntimeError):
    """A purge stopped half way; the message says why and what was done by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Partitions that go as a whole, with their files."""

    rows: Rows
    days: list[int]
    count: int
    returned_bytes: int

    @property
    def names(self) -> list[str]:
        return [partitions.name(day) for day in self.days]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Rows of one table that go piece by piece; their space stays in the file."""

    rows: Rows
    count: int
    reusable_bytes: int

    @property
    def table(self) -> str:
        return str(self.rows.model._meta.db_table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a purge would do, with figures counted when it was made."""

    word: str
    before_ms: int
    drop: Drop | None
    deletes: list[Delete]

    @property
    def count(self) -> int:
        """Rows in all."""
        return (self.drop.count if self.drop else 0) + sum(each.count for each in self.deletes)

    @property
    def returned_bytes(self) -> int:
        """What goes back to the system."""
        return self.drop.returned_bytes if self.drop else 0


@dataclass(slots=True, kw_only=True)
class Freed:
    """What was removed: rows, and bytes by the files before and after.

    InnoDB clears up behind a DELETE in its own time, so `reusable_after_bytes` may rise later.
    """

    rows: int = 0
    exported: int = 0
    returned_bytes: int = 0
    reusable_before_bytes: int = 0
    reusable_after_bytes: int = 0
    gone: list[str] = field(default_factory=list)
    # Rows that the database would not let go.
    left: list[str] = field(default_factory=list)


def make_plan(word: str, before_ms: int) -> Plan:
    """Count what is older than a time. Raises PurgeStopped when a table is locked."""
    with _stopping_at_locks(Freed()), short_waits():
        storage = table_sizes.read()
        days = partitions.whole_before(before_ms) if word == "fixes" else []
        deletes, drop = [], None
        for rows in KINDS[word].older(before_ms):
            if days:
                end_ms = (days[-1] + 1) * DAY_MS
                whole, rows = rows.filter(fix_ms__lt=end_ms), rows.filter(fix_ms__gte=end_ms)
                drop = _drop(storage, whole, days)
            deletes.append(_delete(storage, rows))
        return Plan(
            word=word,
            before_ms=before_ms,
            drop=drop,
            deletes=[each for each in deletes if each.count],
        )


def _drop(storage: Storage, rows: Rows, days: list[int]) -> Drop:
    names = {partitions.name(day) for day in days}
    parts = storage.table(partitions.TABLE).parts
    size = sum(part.file.size_bytes for part in parts if part.name in names and part.file)
    return Drop(rows=rows, days=days, count=rows.count(), returned_bytes=size)


def _delete(storage: Storage, rows: Rows) -> Delete:
    count, name = rows.count(), rows.model._meta.db_table
    stored = next((table for table in storage.tables if table.name == name), None)
    a_row = (stored.data_bytes + stored.index_bytes) / max(1, stored.rows) if stored else 0
    return Delete(rows=rows, count=count, reusable_bytes=round(a_row * count))


def carry_out(plan: Plan, export: Path | None = None) -> Freed:
    """Remove what the plan names; with `export` exactly what is then in that new file.

    Raises PurgeStopped, also when the export cannot be written; then nothing was removed.
    """
    freed = Freed()
    before = table_sizes.read()
    with _stopping_at_locks(freed), short_waits():
        counts = _export(plan, export) if export else None
        freed.exported = sum(counts or ())
        if plan.drop:
            _carry_out_drop(plan.drop, counts[0] if counts else plan.drop.count, freed)
        done = 1 if plan.drop else 0
        for number, each in enumerate(plan.deletes, done):
            keys = purge_export.present_keys(each.rows)
            if counts and export:
                keys = purge_export.exported_keys(export, sum(counts[:number]), counts[number])
            _carry_out_delete(each.rows, keys, freed)
    _measure(before, freed)
    return freed


def _export(plan: Plan, path: Path) -> list[int]:
    whole = [plan.drop.rows] if plan.drop else []
    try:
        return purge_export.export(path, [*whole, *(each.rows for each in plan.deletes)])
    except FileExistsError:
        raise PurgeStopped(_("%s is there already; nothing was removed.") % path) from None
    except OSError as error:
        raise PurgeStopped(
            _("%(path)s cannot be written (%(why)s); nothing was removed.")
            % {"path": path, "why": error.strerror}
        ) from error


def _carry_out_drop(drop: Drop, count: int, freed: Freed) -> None:
    if not partitions.drop_counted(drop.days, count):
        raise PurgeStopped(_("These days changed meanwhile; nothing was removed. Run it again."))
    freed.rows += count


def _carry_out_delete(rows: Rows, keys: Iterator[list[Any]], freed: Freed) -> None:
    def delete(some: Sequence[Any]) -> None:
        with transaction.atomic():
            # Counted again: a row that was used or changed meanwhile is no longer old.
            _count, by_model = rows.filter(pk__in=some).delete()
        freed.rows += by_model.get(rows.model._meta.label, 0)

    def leave(key: Any, error: Exception) -> None:
        freed.left.append(f"{rows.model._meta.label} {key} ({type(error).__name__})")

    for some in keys:
        halved(some, delete, set_aside=leave)


def _measure(before: Storage, freed: Freed) -> None:
    after = table_sizes.read()
    freed.reusable_before_bytes = before.reusable_bytes
    freed.reusable_after_bytes = after.reusable_bytes
    if connection.vendor == "sqlite":
        # A checkpoint of the write-ahead log may make the file grow while rows are removed.
        shrunk_bytes = before.shared[0].size_bytes - after.shared[0].size_bytes
        freed.returned_bytes = max(0, shrunk_bytes)
        return
    there = {part.file.name for table in after.tables for part in table.parts if part.file}
    for table in before.tables:
        for part in table.parts:
            if part.file and part.file.name not in there:
                freed.gone.append(part.file.name)
                freed.returned_bytes += part.file.size_bytes


@contextmanager
def _stopping_at_locks(freed: Freed) -> Iterator[None]:
    """Turn a lock that did not come into PurgeStopped, with what was done by then."""
    try:
        yield
    except OperationalError as error:
        if not is_lock(error):
            raise
        raise PurgeStopped(
            _(
                "Somebody holds a lock for longer than %(wait)d s, so it stopped;"
                " %(rows)d rows were removed before, whole. Run it again later."
            )
            % {"wait": LOCK_WAIT_S, "rows": freed.rows}
        ) from error
