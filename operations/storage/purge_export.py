"""Rows as JSON lines, in the format that `manage.py loaddata` reads back."""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from django.core import serializers
from django.db.models import Model

from operations.storage.purgeable import Rows
from web.rows.chunks import chunks
from web.rows.halving import halved

ROWS_AT_ONCE = 500
# SQLite takes no expression that is deeper than a thousand.
KEYS_AT_ONCE = 250

log = logging.getLogger(__name__)


def in_order(rows: Rows) -> Iterator[list[Model]]:
    """All rows in the order of their keys, some at a time, wherever the last ones ended.

    Rows removed behind it do not disturb it, and no step reads from the beginning again.
    """
    found = list(rows.order_by("pk")[:ROWS_AT_ONCE])
    while found:
        yield found
        found = _after(rows, found[-1].pk)


def _after(rows: Rows, key: Any) -> list[Model]:
    if not isinstance(key, tuple):
        return list(rows.filter(pk__gt=key).order_by("pk")[:ROWS_AT_ONCE])
    first, second = (field.attname for field in rows.model._meta.pk_fields)
    same = rows.filter(**{first: key[0], f"{second}__gt": key[1]}).order_by(second)
    others = rows.filter(**{f"{first}__gt": key[0]}).order_by(first, second)
    found = list(same[:ROWS_AT_ONCE])
    return found + list(others[: ROWS_AT_ONCE - len(found)])


def _for_us_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def written_whole(path: Path) -> Iterator[Any]:
    """A new file that is there whole or not at all. Raises FileExistsError: none is replaced.

    Only our user may read it: it holds positions and chat.
    """
    if path.exists():
        raise FileExistsError(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "x", encoding="utf-8", opener=_for_us_only) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a file of that name came meanwhile; a rename would replace it.
        os.link(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def export(path: Path, tables: Sequence[Rows]) -> list[int]:
    """Write all rows into a new file, one after another; returns how many of each.

    A row that cannot be written is told in the log and is not in the file.
    """
    counts = []
    with written_whole(path) as file:
        for rows in tables:
            count = 0

            def write(some: Sequence[Model]) -> None:
                nonlocal count
                file.write(serializers.serialize("jsonl", some))
                count += len(some)

            for some in in_order(rows):
                halved(some, write, set_aside=_leave_out)
            counts.append(count)
    return counts


def _leave_out(row: Model, error: Exception) -> None:
    log.error("%s %s cannot be exported (%s).", row._meta.label, row.pk, type(error).__name__)


def exported_keys(path: Path, first: int, count: int) -> Iterator[list[Any]]:
    """The keys in `count` lines of an export after the `first`, some at a time."""
    with path.open(encoding="utf-8") as file:
        keys = (_key(json.loads(line)["pk"]) for line in islice(file, first, first + count))
        while some := list(islice(keys, KEYS_AT_ONCE)):
            yield some


def _key(told: Any) -> Any:
    return tuple(told) if isinstance(told, list) else told


def present_keys(rows: Rows) -> Iterator[list[Any]]:
    """The keys of the rows as they are now, some at a time."""
    for some in in_order(rows):
        yield from chunks([row.pk for row in some], KEYS_AT_ONCE)
