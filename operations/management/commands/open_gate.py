"""`manage.py open_gate`: check the bank, and let it take bets again."""

from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from operations import gate
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _(
        "Open the gate of every bank after its start; refuses, and says why, when something is off."
    )
    # What the checks find is said by the gate, too.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """A bank whose gate is open is checked once more; the gate stays open."""
        problems = gate.open_gates()
        if problems:
            raise CommandError(_("The bank stays shut: %(why)s") % {"why": " ".join(problems)})
        self.stdout.write(_("The bank is open."))
