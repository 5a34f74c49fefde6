"""`manage.py rebuild_bank`: make the bank anew from the ledger, under the next epoch."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting import bank
from betting.audit import rebuild
from betting.management.club_options import add_clubs, chosen
from betting.management.progress import following
from operations import gate
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Make the bank of clubs anew from the ledger, under the next epoch.")

    # A bank that was lost is made anew whatever the settings of the engines are.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_clubs(parser)
        parser.add_argument(
            "--lose-tail",
            action="store_true",
            help=_("give up what the bank decided and the ledger cannot take over"),
        )
        parser.add_argument(
            "--take-over",
            action="store_true",
            help=_("also where the bank belongs to another installation"),
        )

        parser.add_argument(
            "--tail",
            type=Path,
            metavar="FILE",
            help=_("bring in what the append-only file of a dead server holds, or its folder"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for club in chosen(options["clubs"]):
            with following(self.stdout) as progress:
                try:
                    rebuilt = rebuild.rebuild(
                        club.pk,
                        progress=progress,
                        lose_tail=options["lose_tail"],
                        take_over=options["take_over"],
                        tail_file=options["tail"],
                    )
                except rebuild.TailAtRisk as risk:
                    told = _("%(risk)s Nothing was changed; see --lose-tail.")
                    raise CommandError(told % {"risk": risk}) from risk
                except bank.BankAway as away:
                    raise CommandError(
                        _("The bank does not answer: %(why)s.") % {"why": away}
                    ) from away
            told = _(
                "%(club)s: epoch %(epoch)d from entry %(seq)d: %(wallets)d wallets, %(markets)d"
                " markets, %(bettors)d bettors, %(bets)d bets"
            )
            self.stdout.write(
                told
                % {
                    "club": club.slug,
                    "epoch": rebuilt.epoch,
                    "seq": rebuilt.seq,
                    "wallets": rebuilt.wallets,
                    "markets": rebuilt.markets,
                    "bettors": rebuilt.positions,
                    "bets": rebuilt.bets,
                }
            )
        asked = {bank.primary_of(club.pk) for club in chosen(options["clubs"])}
        problems = [each for primary in asked for each in gate.open_gate(primary)]
        for problem in problems:
            self.stderr.write(_("The bank stays shut: %(why)s") % {"why": problem})
        if not problems:
            self.stdout.write(_("The bank is open."))
