"""`manage.py restore DIR`: a backup into empty engines, with a bank made anew and reconciled."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting import bank
from betting.management.progress import following
from operations.backup import backups, dumps
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Brings a backup (operations/backup/) into the engines that the settings name."""

    help = _("Bring a backup back into empty engines; refuses where an engine holds anything.")
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
                raise CommandError(
                    _("The bank does not answer: %(why)s.") % {"why": away}
                ) from away
        differences = [found for report in reports for found in report.differences]
        for report in reports:
            self.stdout.write(
                _(
                    "club %(club)d: %(wallets)d wallets, %(markets)d markets, %(bettors)d bettors"
                    " compared"
                )
                % {
                    "club": report.club_id,
                    "wallets": report.wallets,
                    "markets": report.markets,
                    "bettors": report.positions,
                }
            )
        if differences:
            raise CommandError(
                _("%(count)d differences, the first: %(first)s")
                % {"count": len(differences), "first": differences[0]}
            )
        told = _("reconciled: green. Restored in %(seconds).1f s")
        self.stdout.write(told % {"seconds": time.monotonic() - began_s})
