"""`manage.py restore DIR`: a backup into empty engines, with a bank made anew and reconciled."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from betting import bank
from betting.management.progress import following
from operations.backup import backups, dumps


class Command(BaseCommand):
    """Brings a backup (operations/backup/) into the engines that the settings name."""

    help = "Bring a backup back into empty engines; refuses where an engine holds anything."
    # The checks need tables and a bank, and both are still empty.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Exit code 1 when anything differs; run it again with engines emptied once more."""
        began_s = time.monotonic()
        with following(self.stdout) as progress:
            try:
                reports = backups.restore(folder, self.stdout.write, progress)
            except (backups.BackupRefused, dumps.DumpFailed) as error:
                raise CommandError(str(error)) from error
            except bank.BankAway as away:
                raise CommandError(f"The bank does not answer: {away}.") from away
        differences = [found for report in reports for found in report.differences]
        for report in reports:
            self.stdout.write(
                f"club {report.club_id}: {report.wallets} wallets, {report.markets} markets,"
                f" {report.positions} bettors compared"
            )
        if differences:
            raise CommandError(f"{len(differences)} differences, the first: {differences[0]}")
        self.stdout.write(f"reconciled: green. Restored in {time.monotonic() - began_s:.1f} s")
