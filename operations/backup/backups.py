"""Backups: what must not be lost, as a folder that can be checked and restored.

The ledger is the record of all coins, so the database is the backup; the bank is made anew from
it. What waits elsewhere is brought into the database first, and the manifest says up to which
entry each club is in, and what is not.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from betting import bank, ledger
from betting.audit import rebuild, reconcile, row_numbers
from betting.audit.comparisons.differences import Progress
from betting.models import LedgerEntry, Watermark
from locations import clock_steps
from operations import gate
from operations.backup import dumps
from operations.clock import club_steps, schedule
from rooms.models import Club
from web.live.live_redis import LiveAway
from web.refusals import Refused
from web.times import now_ms

MANIFEST = "manifest.json"
FORMAT = 1
# Told with every backup, so that nobody learns it at a restore.
NOT_IN_IT = (
    "what the bank decided after the entries named here",
    "the bank's own files: it is made anew from the ledger",
    "the live instance: presence, limits, tickets, cached pages",
    "SECRET_KEY, TOKEN_KEYS, the keys of receipts and all other settings",
    "logs and certificates",
)
HASHED_AT_ONCE_BYTES = 1 << 20

Say = Callable[[str], None]


class BackupRefused(RuntimeError):
    """A backup cannot be made or brought back; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClubMark:
    """Up to where a club is in a backup for certain, and the chain that proves what lies before.

    `bank_seq` is where the bank stood when the backup was finished: what lies between is not in
    it for certain. None when the bank was away, and then nobody knows.
    """

    slug: str
    epoch: int
    seq: int
    chain: str
    bank_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; written last, so a folder without it is none."""

    format: int
    vendor: str
    began_ms: int
    ended_ms: int
    file: str
    size_bytes: int
    sha256: str
    clubs: list[ClubMark]
    not_in_it: list[str]


def make(folder: Path, say: Say) -> Manifest:
    """Back up into a new or empty folder, while people bet. Costs a read of the whole database.

    With the bank or the live instance away it is made all the same, and says what is missing.
    What could not be finished leaves the folder empty, so that it can be tried again. Raises
    BackupRefused or DumpFailed.
    """
    with _written_whole(folder) as path:
        return _make(path, say)


def _make(path: Path, say: Say) -> Manifest:
    began_ms = now_ms()
    _bring_in(say)
    marks = list(Watermark.objects.select_related("club").order_by("pk"))
    dumps.write(path)
    manifest = Manifest(
        format=FORMAT,
        vendor=connection.vendor,
        began_ms=began_ms,
        ended_ms=now_ms(),
        file=path.name,
        size_bytes=path.stat().st_size,
        sha256=_sha256(path),
        clubs=[_club_mark(mark) for mark in marks],
        not_in_it=list(NOT_IN_IT),
    )
    _write_durably(path.parent, manifest)
    return manifest


@contextmanager
def _written_whole(folder: Path) -> Iterator[Path]:
    """The file to fill; the folder holds a whole backup afterwards, or nothing that takes room."""
    path = folder / dumps.name()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupRefused(f"{folder} is not empty; a backup needs a folder of its own.")
        # Before a byte is in it: it holds what people said, and their e-mail addresses.
        path.touch(mode=0o600, exist_ok=False)
        try:
            yield path
        except BaseException:
            for left in (path, _draft(folder)):
                left.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be written: {error.strerror}.") from error


def _draft(folder: Path) -> Path:
    return folder / f"{MANIFEST}.draft"


def check(folder: Path) -> Manifest:
    """Read a backup's manifest and prove its file whole; changes nothing."""
    try:
        told = json.loads((folder / MANIFEST).read_text())
        clubs = [ClubMark(**club) for club in told.pop("clubs")]
        manifest = Manifest(clubs=clubs, **told)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupRefused(f"{folder} holds no whole backup: {error}.") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"The backup has format {manifest.format}, this reads {FORMAT}.")
    path = folder / manifest.file
    if not path.is_file() or _sha256(path) != manifest.sha256:
        raise BackupRefused(f"{path} is not what was written; its checksum differs.")
    return manifest


def restore(folder: Path, say: Say, progress: Progress) -> list[reconcile.Report]:
    """Bring a backup back into empty engines: database, migrations, bank, gate, reconciled.

    Raises BackupRefused or DumpFailed before the first change when an engine holds something
    already or the backup is not whole, and BackupRefused before the bank is touched when the
    ledger that came is not the one backed up. What is refused after the first change leaves
    engines that must be emptied before it is tried again. Returns the comparison of each club.
    """
    manifest = check(folder)
    if manifest.vendor != connection.vendor:
        raise BackupRefused(f"The backup is of {manifest.vendor}, this is {connection.vendor}.")
    if any(bank.each_primary("DBSIZE")):
        raise BackupRefused("The bank is not empty; give it an empty one.")
    say(f"reading {manifest.file} ({manifest.size_bytes} bytes)")
    dumps.read(folder / manifest.file)
    call_command("migrate", verbosity=0, interactive=False)
    prove(manifest)
    # What was given out since the backup was made is known to browsers and to nobody here.
    row_numbers.leap(connection)
    say("making the bank anew from the ledger")
    bank.load_library()
    for club in Club.objects.order_by("pk"):
        rebuild.rebuild(club.pk, progress=progress)
    if problems := gate.open_gates():
        raise BackupRefused("The bank stays shut: " + " ".join(problems))
    clubs = Club.objects.order_by("pk").values_list("pk", flat=True)
    return [reconcile.reconcile(pk, deep=True, progress=progress) for pk in clubs]


def prove(manifest: Manifest) -> None:
    """Refuse a database whose ledger does not hold what the manifest names, chain and all."""
    for club in manifest.clubs:
        pk = Club.objects.get(slug=club.slug).pk
        last = LedgerEntry.objects.filter(club_id=pk, seq=club.seq).first()
        found = last.chain if last else ""
        if ledger.watermark(pk).seq < club.seq or found != club.chain:
            raise BackupRefused(f"Club {club.slug}: entry {club.seq} is not the one backed up.")


def _bring_in(say: Say) -> None:
    """Write into SQL what waits elsewhere: the journals, chat lines, positions."""
    for what, step in (
        ("the bank's journal", club_steps.record),
        ("the chat", schedule.copy_chat),
        ("positions", clock_steps.flush),
        ("decisions about places", clock_steps.record_decisions),
    ):
        try:
            step()
        except (bank.BankAway, LiveAway, Refused) as error:
            say(f"NOT brought in: {what}, what was not in the database yet is missing ({error!r})")


def _club_mark(mark: Watermark) -> ClubMark:
    try:
        head = bank.find_head(mark.club_id)
    except bank.BankAway:
        head = None
    return ClubMark(
        slug=mark.club.slug,
        epoch=mark.epoch,
        seq=mark.seq,
        chain=mark.chain,
        bank_seq=head.seq if head else None,
    )


def _write_durably(folder: Path, manifest: Manifest) -> None:
    draft = _draft(folder)
    draft.touch(mode=0o600)
    with draft.open("w") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    with (folder / manifest.file).open("rb") as dump:
        os.fsync(dump.fileno())
    draft.replace(folder / MANIFEST)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(HASHED_AT_ONCE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
