"""The bank's append-only files before a start: a torn end is cut off, and what was cut is kept.

A server that was killed may leave half an entry at the end of its file, and it is told to
refuse such a file. The server's own check tool cuts it; nothing accepted lies in that half.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


class DamagedFiles(RuntimeError):
    """The check tool could not mend the append-only files; the message names the copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One cut: when (Unix ms), how many bytes are gone, and where the untouched copy lies."""

    at_ms: int
    cut_bytes: int
    copy: str


def repair(server: str, folder: Path) -> Repair | None:
    """Check the append-only files of a folder and cut a torn end; None when all was well.

    `server` is the binary that will read them; it must not be running on this folder.
    """
    files = folder / "appendonlydir"
    manifests = list(files.glob("*.manifest"))
    if not manifests:
        return None
    tool = check_tool(server, folder)
    manifest = str(manifests[0])
    if _run([tool, manifest]).returncode == 0:
        return None
    at_ms = time.time_ns() // 1_000_000
    copy = folder / f"before-repair-{at_ms}"
    shutil.copytree(files, copy)
    size = _size_bytes(files)
    fixed = _run([tool, "--fix", manifest], answer=b"y\n")
    if fixed.returncode or _run([tool, manifest]).returncode:
        raise DamagedFiles(
            f"The bank's files in {files} cannot be mended: {fixed.stdout.decode().strip()} "
            f"An untouched copy lies in {copy}; manage.py rebuild_bank makes a new bank from SQL."
        )
    repair = Repair(at_ms=at_ms, cut_bytes=size - _size_bytes(files), copy=str(copy))
    with (folder / "repairs.jsonl").open("a") as record:
        record.write(json.dumps(asdict(repair)) + "\n")
    return repair


def check_tool(server: str, folder: Path) -> str:
    """The check tool that belongs to a server's binary.

    Server and check tool are one program that looks at the name it was called by, so where the
    tool is not installed beside the server, a link with its name does.
    """
    name = Path(server).name.replace("server", "check-aof")
    beside = Path(server).with_name(name)
    if beside.exists():
        return str(beside)
    link = folder / name
    link.unlink(missing_ok=True)
    link.symlink_to(Path(server).resolve())
    return str(link)


def main() -> int:
    """For containers: `python -m launcher.aof_repair SERVER FOLDER` before the start."""
    done = repair(sys.argv[1], Path(sys.argv[2]))
    print(f"{done.cut_bytes} bytes cut, copy in {done.copy}" if done else "nothing to mend")
    return 0


def _run(command: list[str], answer: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(
        command,
        input=answer,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        check=False,
    )


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


if __name__ == "__main__":
    sys.exit(main())
