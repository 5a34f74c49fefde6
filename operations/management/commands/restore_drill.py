"""`manage.py restore_drill DIR`: does this backup come back? Tried on engines of its own."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from launcher.engines import EngineFailed
from operations.backup import backups, drills
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Runs `restore` on private engines (operations/backup/); the running ones are not touched."""

    help = _("Restore a backup into fresh private engines, reconcile, print the time, remove them.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Exit code 1 when the backup does not come back whole."""
        try:
            drill = drills.run(folder)
        except (backups.BackupRefused, EngineFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(drill.said.strip())
        if not drill.is_green:
            raise CommandError(_("The backup did not come back."))
        told = _("The backup comes back: %(seconds).1f s with engines started anew.")
        self.stdout.write(told % {"seconds": drill.took_s})
