"""`manage.py check_history FILE`: whether SQL agrees with the history of those who bet."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from simulation.storms import checks
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """For storms, which are told in English: invariants, pool rules, every receipt."""

    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        # Nobody bets any more.
        parser.add_argument("--ended", action="store_true")
        # Bets may be gone of which a new epoch says that nothing is known.
        parser.add_argument("--forgive-epochs", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        told = checks.read(file.read_bytes())
        found = list(
            checks.broken(
                told, forgives_epochs=options["forgive_epochs"], has_ended=options["ended"]
            )
        )
        for sentence in found:
            self.stdout.write(self.style.ERROR(sentence))
        if found:
            raise CommandError(f"{len(found)} things are wrong.", returncode=1)
        self.stdout.write(
            f"{len(told.receipts)} receipts stand in the ledger, and every invariant holds."
        )
