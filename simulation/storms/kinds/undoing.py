"""The preloaded library that keeps what was not fsynced, and taking it back as a power cut does.

Its undo files are named by inode; what stands in them is said at the top of undo.c.
"""

import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("undo.c")
_HEAD = struct.Struct("=qqq")


class NoCompiler(RuntimeError):
    """There is no C compiler here."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a file was before one write."""

    size: int
    offset: int
    content: bytes


def build(folder: Path) -> dict[str, str]:
    """Compile the library into a folder; the environment that preloads it. Raises NoCompiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCompiler("The power storm needs a C compiler: apt-get install gcc libc6-dev")
    library, undo = folder / "undo.so", folder / "undo"
    undo.mkdir()
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run([*command, "-lpthread"], check=True)
    return {"LD_PRELOAD": str(library), "RINGSIDE_UNDO": str(undo)}


def take_back(undo: Path, files: Iterable[Path], chance: random.Random | None) -> int:
    """Undo what was not on disk in files whose processes are dead; bytes undone.

    Of some files all of it, of others a random part, as a disk that was half way through; without
    `chance` all of all.
    """
    inodes = {path.stat().st_ino: path for path in files if path.is_file()}
    undone = 0
    for kept in sorted(undo.iterdir()):
        path = inodes.get(int(kept.name))
        if path is not None:
            records = list(_records(kept.read_bytes()))
            undone += _undo(path, records, chance)
            kept.unlink()
    return undone


def _records(content: bytes) -> Iterator[Record]:
    at = 0
    while at + _HEAD.size <= len(content):
        size, offset, count = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        yield Record(size, offset, content[at : at + count])
        at += count


def _undo(path: Path, records: list[Record], chance: random.Random | None) -> int:
    """Put back the latest first; what made the file longer goes from one moment on."""
    parts = chance if chance and chance.random() < 0.5 else None
    grown_from = parts.randrange(len(records) + 1) if parts else 0
    undone = 0
    with path.open("r+b") as file:
        for number in range(len(records) - 1, -1, -1):
            record = records[number]
            grows = number + 1 < len(records) and records[number + 1].size > record.size
            is_last = number + 1 == len(records)
            grows |= is_last and os.fstat(file.fileno()).st_size > record.size
            if parts and (number < grown_from if grows else parts.random() < 0.5):
                continue
            file.seek(record.offset)
            file.write(record.content)
            file.flush()
            if grows:
                file.truncate(record.size)
            undone += len(record.content) + grows
        file.flush()
        os.fsync(file.fileno())
    return undone
