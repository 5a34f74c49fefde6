"""Storage as tables of text, for the command and the page."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from operations.storage.purging import Plan
from operations.storage.removal_methods import effect_table, method_table
from operations.storage.table_sizes import File, Part, Storage, Stored
from operations.tables import Table, size
from web.times import moment


def tables(storage: Storage, vendor: str) -> list[Table]:
    """Tables, their partitions, shared files, and what each method of removing would do."""
    found = [_stored_table(storage)]
    found += [_part_table(table) for table in storage.tables if table.is_partitioned]
    found += [_file_table(storage.shared)] if storage.shared else []
    return [*found, effect_table(storage), method_table(vendor)]


def summary(storage: Storage) -> str:
    """The engine, its files, whether they can be read, and what is free in a shared one."""
    sentences = [_files_of(storage)]
    if storage.shared:
        sentences.append(_("%(free)s of it are free.") % {"free": size(storage.free_bytes)})
    return " ".join(sentences)


def _files_of(storage: Storage) -> str:
    told = {
        "engine": storage.engine,
        "size": size(storage.file_bytes),
        "folder": str(storage.folder),
    }
    if storage.folder and not storage.tables:
        return _("%(engine)s, %(size)s in files of %(folder)s, too much to count by table.") % told
    if storage.folder:
        return _("%(engine)s, %(size)s in files of %(folder)s.") % told
    if storage.file_bytes:
        return _("%(engine)s, %(size)s by its own words: its folder cannot be looked into.") % told
    return _("%(engine)s; neither its folder nor its list of files can be looked into.") % told


def _stored_table(storage: Storage) -> Table:
    has_files = any(table.file_bytes for table in storage.tables)
    heads = [_("Table"), _("Rows"), _("Data"), _("Indexes"), _("Free")]
    rows = []
    for table in storage.tables:
        figures = [size(table.data_bytes), size(table.index_bytes), size(table.free_bytes)]
        row = [table.name, f"{table.rows:,}", *figures]
        rows.append(row + [_files(table), _inodes(table)] if has_files else row)
    heads += [_("Files"), _("Inode")] if has_files else []
    return Table(title=_("Tables"), heads=heads, rows=rows, figures=frozenset({1, 2, 3, 4, 5, 6}))


def _files(table: Stored) -> str:
    count = sum(1 for part in table.parts if part.file)
    return size(table.file_bytes) + (f" ({count})" if count > 1 else "")


def _inodes(table: Stored) -> str:
    return "…" if table.is_partitioned else _inode(table.parts[0].file)


def _inode(file: File | None) -> str:
    return str(file.inode) if file and file.inode else "–"


def _part_table(table: Stored) -> Table:
    def row(part: Part) -> tuple[str, ...]:
        return (
            part.name,
            f"{part.rows:,}",
            size(part.data_bytes),
            size(part.free_bytes),
            size(part.file.size_bytes) if part.file else "–",
            _inode(part.file),
        )

    return Table(
        title=_("Partitions of %s") % table.name,
        heads=(_("Partition"), _("Rows"), _("Data"), _("Free"), _("File"), _("Inode")),
        rows=[row(part) for part in table.parts],
        figures=frozenset({1, 2, 3, 4, 5}),
    )


def _file_table(files: Sequence[File]) -> Table:
    return Table(
        title=_("Files that hold everything"),
        heads=(_("File"), _("Size"), _("Inode")),
        rows=[(file.name, size(file.size_bytes), _inode(file)) for file in files],
        figures=frozenset({1, 2}),
    )


def plan_table(plan: Plan) -> Table:
    """What a purge would do, a row for each method and table."""
    rows = []
    if plan.drop:
        names = plan.drop.names
        span = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)})"
        back = plan.drop.returned_bytes
        told = f"{size(back)} ({back} bytes)"
        rows.append((f"DROP PARTITION {span}", f"{plan.drop.count:,}", told, "–"))
    for each in plan.deletes:
        reusable = _("about %s") % size(each.reusable_bytes)
        rows.append((f"DELETE FROM {each.table}", f"{each.count:,}", "–", reusable))
    return Table(
        title=f"{plan.word} < {moment(plan.before_ms):%Y-%m-%d %H:%M} UTC",
        heads=(_("Way"), _("Rows"), _("Back to the system"), _("Free inside the file")),
        rows=rows,
        figures=frozenset({1, 2, 3}),
    )
