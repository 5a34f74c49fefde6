"""`manage.py backup DIR`: the ledger and everything else in SQL, while people bet."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.backup import backups, dumps


class Command(BaseCommand):
    """Makes a backup (operations/backup/backups.py), and says what is in it and what is not."""

    help = "Back up into a new folder; says up to which entry each club is in, and what is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="new, or empty")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Bets go on meanwhile; repeating needs another folder."""
        try:
            manifest = backups.make(folder, self.stderr.write)
        except (backups.BackupRefused, dumps.DumpFailed) as error:
            raise CommandError(str(error)) from error
        took_s = (manifest.ended_ms - manifest.began_ms) / 1000
        self.stdout.write(f"{folder}: {manifest.size_bytes} bytes in {took_s:.1f} s")
        for club in manifest.clubs:
            self.stdout.write(f"in it: {club.slug} up to entry {club.epoch}-{club.seq}")
            self.stdout.write(f"  the bank stood at {_where(club)} when this ended")
        for what in manifest.not_in_it:
            self.stdout.write(f"not in it: {what}")


def _where(club: backups.ClubMark) -> str:
    if club.bank_seq is None:
        return "an unknown entry (it is away)"
    return f"entry {club.bank_seq}, {club.bank_seq - club.seq} later,"
