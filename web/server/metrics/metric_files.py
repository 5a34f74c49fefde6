"""Metrics of several processes: each counts in files of its own, and any of them adds all up.

prometheus_client names such files by process id; that leaves some behind for every process that
ever was, and cannot tell processes apart where containers share a folder. Here a process takes
the first free number and goes on counting where that number's last process ended. A taken number
is a locked file, and the kernel ends the lock with its process.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from web.server.metrics import process_numbers

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# Locks are kept as long as the process lives.
_held: list[IO[str]] = []


def count_in_files(data_dir: Path) -> None:
    """Count in files under a data folder from now on; metrics made before count in memory.

    The first process that starts begins from zero, so a new version finds no old names.
    """
    folder = data_dir / "metrics"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "door").open("a") as door:
        # One process at a time: none may start while the old files are removed.
        fcntl.flock(door, fcntl.LOCK_EX)
        if not any(_is_held(lock) for lock in folder.glob("*.lock")):
            for left in folder.glob("*.db"):
                left.unlink()
        number, lock = process_numbers.first_free(folder)
        for gauge in folder.glob(f"gauge_*_{number}.db"):
            gauge.unlink()
    _held.append(lock)
    os.environ[_FOLDER] = str(folder)

    def our_number() -> int:
        return number

    values.ValueClass = values.MultiProcessValue(our_number)  # type: ignore[no-untyped-call]


def latest() -> bytes:
    """What all processes counted, in the text format of Prometheus; alone, what this one did."""
    if not _held:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(_Sum(Path(os.environ[_FOLDER])))
    return generate_latest(registry)


class _Sum(Collector):
    """The sum over all processes; of one that died, all but its gauges."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> list[Metric]:
        files = []
        for path in self._folder.glob("*.db"):
            kind, _, slot = path.stem.rpartition("_")
            if not kind.startswith("gauge") or _is_held(self._folder / f"{slot}.lock"):
                files.append(str(path))
        return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def _is_held(path: Path) -> bool:
    """Whether a process holds this lock; also when it is our own."""
    try:
        with path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
