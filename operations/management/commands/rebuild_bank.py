"""`manage.py rebuild_bank`: make the bank anew from the ledger, under the next epoch."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from betting import bank
from betting.audit import rebuild
from betting.management.club_options import add_clubs, chosen
from betting.management.progress import following
from operations import gate


class Command(BaseCommand):
    help = "Make the bank of clubs anew from the ledger, under the next epoch."

    # A bank that was lost is made anew whatever the settings of the engines are.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_clubs(parser)
        parser.add_argument(
            "--lose-tail",
            action="store_true",
            help="give up what the bank decided and the ledger cannot take over",
        )
        parser.add_argument(
            "--take-over", action="store_true", help="also where the bank is another house's"
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
                    )
                except rebuild.TailAtRisk as risk:
                    raise CommandError(f"{risk} Nothing was changed; see --lose-tail.") from risk
                except bank.BankAway as away:
                    raise CommandError(f"The bank does not answer: {away}.") from away
            self.stdout.write(
                f"{club.slug}: epoch {rebuilt.epoch} from entry {rebuilt.seq}:"
                f" {rebuilt.wallets} wallets, {rebuilt.markets} markets,"
                f" {rebuilt.positions} bettors, {rebuilt.bets} bets"
            )
        problems = gate.open_gates()
        for problem in problems:
            self.stderr.write(f"The bank stays shut: {problem}")
        if not problems:
            self.stdout.write("The bank is open.")
