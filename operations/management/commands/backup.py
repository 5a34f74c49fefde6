"""`manage.py backup DIR`: the ledger and everything else in SQL, while people bet."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from operations.backup import backups, dumps
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Makes a backup (operations/backup/backups.py), and says what is in it and what is not."""

    help = _("Back up into a new folder; says up to which entry each club is in, and what is not.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help=_("new, or empty"))

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Bets go on meanwhile; repeating needs another folder."""
        try:
            manifest = backups.make(folder, self.stderr.write)
        except (backups.BackupRefused, dumps.DumpFailed) as error:
            raise CommandError(str(error)) from error
        took_s = (manifest.ended_ms - manifest.began_ms) / 1000
        told = _("%(folder)s: %(size)d bytes in %(seconds).1f s")
        self.stdout.write(told % {"folder": folder, "size": manifest.size_bytes, "seconds": took_s})
        for club in manifest.clubs:
            told = _("in it: %(club)s up to entry %(entry)s")
            self.stdout.write(told % {"club": club.slug, "entry": f"{club.epoch}-{club.seq}"})
            self.stdout.write("  " + _where(club))
        for what in manifest.not_in_it:
            self.stdout.write(_("not in it: %(what)s") % {"what": what})


def _where(club: backups.ClubMark) -> str:
    if club.bank_seq is None:
        return _("the bank stood at an unknown entry (it is away) when this ended")
    return _("the bank stood at entry %(seq)d, %(later)d later, when this ended") % {
        "seq": club.bank_seq,
        "later": club.bank_seq - club.seq,
    }
