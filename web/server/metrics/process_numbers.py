"""Numbers of the processes that share a folder: each holds the first that was free.

A taken number is a locked file, and the kernel ends the lock with its process.
"""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

PROCESSES_MAX = 256


class NoFreeNumber(RuntimeError):
    """All numbers of a folder are taken, which only processes that never end can do."""


def first_free(folder: Path) -> tuple[int, IO[str]]:
    """The first number of a folder that no process has, taken until its file is closed."""
    for number in range(PROCESSES_MAX):
        lock = (folder / f"{number}.lock").open("a")
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, lock
        lock.close()
    raise NoFreeNumber(f"All {PROCESSES_MAX} numbers in {folder} are taken.")
