"""The bank's append-only files before a start: a torn end is cut off, damage is set aside.

A server that was killed may leave one unfinished command or MULTI at the end of its last file, and
it is told to refuse such a file. That much is cut: nobody was answered about it. Files that are
damaged in any other way are moved aside whole, and the bank starts empty behind its shut gate.

What was done is told to those who open the gate by a Function library of its own: it belongs to
this one server, and stays until they have acted on it.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from launcher.aof_reading import Damaged, torn_end
from launcher.words import gettext_noop

# betting/bank/libraries.py reads them: the second line of the library is the repair as JSON.
NOTES = {"cut": "ringside_files_cut_v1", "damage": "ringside_files_damage_v1"}
_NAME = "appendonly.aof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was done to the files of a folder, at a Unix time in ms.

    `cut`: `cut_bytes` are gone from byte `at_byte` of `file` on, and `copy` holds the files as
    they were. `damage`: `file` cannot be read from `at_byte` on, and all files lie in `copy`.
    """

    kind: Literal["cut", "damage"]
    at_ms: int
    file: str
    at_byte: int
    why: str
    cut_bytes: int
    copy: str

    @property
    def sentence(self) -> str:
        """What an operator is told."""
        return self.template % asdict(self)

    @property
    def template(self) -> str:
        """The sentence with places for the fields, as catalogues hold it."""
        if self.kind == "cut":
            return gettext_noop(
                "%(cut_bytes)s bytes of %(why)s were cut off %(file)s at byte %(at_byte)s; an"
                " untouched copy lies in %(copy)s."
            )
        return gettext_noop(
            "%(file)s is damaged at byte %(at_byte)s: %(why)s. The bank starts empty and stays"
            " shut; its files lie untouched in %(copy)s. manage.py rebuild_bank makes a new bank"
            " from SQL."
        )


def repair(server: str, folder: Path) -> Repair | None:
    """Check the append-only files of a folder before a start; None when all was well.

    Removes what rewrites left behind. `server` is the binary that will read the files; it must not
    be running on this folder.
    """
    files = folder / "appendonlydir"
    for left in [*folder.glob("temp-rewriteaof-*"), *files.glob("temp-rewriteaof-*")]:
        left.unlink()
    if not files.is_dir() or not any(files.iterdir()):
        return None
    manifests = list(files.glob("*.manifest"))
    try:
        if not manifests:
            # The server would begin anew, and write over what is there.
            raise Damaged(0, "the list of the bank's files is missing", f"{_NAME}.manifest")
        manifest = manifests[0]
        if not (refusal := _refusal(server, manifest)):
            return None
        torn = torn_end(manifest)
        if torn is None:
            raise Damaged(0, refusal, manifest.name)
        done = _cut(folder, *torn)
        if refusal := _refusal(server, manifest):
            raise Damaged(torn[1], refusal, torn[0].name)
    except Damaged as damage:
        done = set_aside(folder, damage)
    return done


def set_aside(folder: Path, damage: Damaged) -> Repair:
    """Move the files aside, so that the server starts empty and those at the gate learn why."""
    at_ms = time.time_ns() // 1_000_000
    files, copy = folder / "appendonlydir", folder / f"damaged-{at_ms}"
    repair = Repair(
        kind="damage", at_ms=at_ms, file=damage.file, at_byte=damage.at_byte, why=damage.why,
        cut_bytes=0, copy=str(copy),
    )  # fmt: skip
    files.rename(copy)
    files.mkdir(mode=0o700)
    _write(files / f"{_NAME}.1.base.aof", _note(repair))
    # Without this list the server reads nothing, so it comes last.
    _write(files / f"{_NAME}.manifest", f"file {_NAME}.1.base.aof seq 1 type b\n".encode())
    return _record(folder, repair)


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
    print(done.sentence if done else "nothing to repair")
    return 0


def _cut(folder: Path, last: Path, sound_bytes: int) -> Repair:
    at_ms = time.time_ns() // 1_000_000
    copy = folder / f"before-repair-{at_ms}"
    shutil.copytree(last.parent, copy)
    repair = Repair(
        kind="cut", at_ms=at_ms, file=last.name, at_byte=sound_bytes, why="an unfinished entry",
        cut_bytes=last.stat().st_size - sound_bytes, copy=str(copy),
    )  # fmt: skip
    # Killed in between, the old end is still there to be cut and told.
    draft = folder / "temp-rewriteaof-repair"
    with last.open("rb") as whole:
        _write(draft, whole.read(sound_bytes) + _note(repair))
    draft.replace(last)
    return _record(folder, repair)


def _note(repair: Repair) -> bytes:
    """The command that tells of a repair when the server reads its files."""
    name = NOTES[repair.kind]
    told = json.dumps(asdict(repair))
    library = (
        f"#!lua name={name}\n-- {told}\n"
        f"redis.register_function('{name}', function() return redis.status_reply('OK') end)\n"
    )
    words = [word.encode() for word in ("FUNCTION", "LOAD", "REPLACE", library)]
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n%b" % (len(parts), b"".join(parts))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _record(folder: Path, repair: Repair) -> Repair:
    with (folder / "repairs.jsonl").open("a") as record:
        record.write(json.dumps(asdict(repair)) + "\n")
    return repair


def _refusal(server: str, manifest: Path) -> str:
    """What the server's own check tool has against the files, in one line; "" for nothing."""
    told = subprocess.run(
        [check_tool(server, manifest.parent.parent), str(manifest)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    if told.returncode == 0:
        return ""
    lines = told.stdout.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no reason was told")


if __name__ == "__main__":
    sys.exit(main())
