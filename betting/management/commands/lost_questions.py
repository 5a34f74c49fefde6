"""`manage.py lost_questions`: coins on questions that a failover of the database has lost."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting import bank
from betting.actions.payments import give_back
from betting.ledger.lost_markets import lost_markets
from betting.management.club_options import add_clubs, chosen
from web.commands import OperatorCommand
from web.refusals import Refused


class Command(OperatorCommand):
    help = _("List questions that the ledger knows and the database has lost, with their coins.")

    def add_arguments(self, parser: CommandParser) -> None:
        add_clubs(parser)
        parser.add_argument(
            "--call-off", action="store_true", help=_("call them off: every stake goes back")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Repeating it changes nothing."""
        for club in chosen(options["clubs"]):
            for market_id, coins in lost_markets(club.pk).items():
                told = _("%(club)s: question %(market)d: %(coins)d coins")
                self.stdout.write(told % {"club": club.slug, "market": market_id, "coins": coins})
                if options["call_off"]:
                    self._call_off(club.pk, market_id)

    def _call_off(self, club_id: int, market_id: int) -> None:
        try:
            if not give_back(club_id, market_id):
                raise CommandError(_("The bank does not know this question, or holds it back."))
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        except (bank.BankAway, bank.BankFull) as away:
            raise CommandError(_("The bank does not answer: %(why)s.") % {"why": away}) from away
        self.stdout.write(self.style.SUCCESS(_("The coins are given back.")))
