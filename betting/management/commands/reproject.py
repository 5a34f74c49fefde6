"""`manage.py reproject`: make what SQL shows of coins anew from the ledger."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting import bank
from betting.audit.reproject import reproject
from betting.management.club_options import add_clubs, chosen
from betting.management.progress import following
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Make wallets, positions and markets in SQL anew from the ledger; bets go on.")

    def add_arguments(self, parser: CommandParser) -> None:
        add_clubs(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for club in chosen(options["clubs"]):
            with following(self.stdout) as progress:
                try:
                    entries = reproject(club.pk, progress=progress)
                except bank.BankAway as away:
                    raise CommandError(
                        _("The bank does not answer: %(why)s.") % {"why": away}
                    ) from away
            told = _(
                "%(club)s: %(count)d entries folded again. See what `reconcile --all` says now, and"
                " let go of what it had on hold."
            )
            self.stdout.write(told % {"club": club.slug, "count": entries})
