"""`manage.py prepare`: everything between a new version of the code and the first request."""

import os
import sys
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext as _

from betting.receipts import signing
from operations import gate
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _(
        "Migrate, collect static files when they changed, make a key for receipts, open the gate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help=_("also make the demo room"))
        parser.add_argument(
            "--new-receipt-key",
            action="store_true",
            help=_("sign receipts with another key from now"),
        )
        # Of the launcher: to be the clock afterwards, which saves loading Django once more.
        parser.add_argument("--then-clock", nargs=2, metavar=("FD", "LOG"), help=SUPPRESS)

    def handle(
        self,
        *args: Any,
        demo: bool,
        new_receipt_key: bool,
        then_clock: list[str] | None,
        **options: Any,
    ) -> None:
        """Repeating checks each once more.

        With the gate shut Ringside can run and says what is missing; the clock goes on trying.
        """
        call_command("migrate", verbosity=self._of_others, interactive=False)
        collect_static(self._of_others)
        signing.make_key(again=new_receipt_key)
        problems = gate.open_gates()
        for problem in problems:
            self.stderr.write(_("The bank stays shut: %(why)s") % {"why": problem})
        if demo and not problems:
            call_command("demo")
        if then_clock:
            become_clock(int(then_clock[0]), Path(then_clock[1]))

    @property
    def _of_others(self) -> int:
        """The `-v` of Django's own commands: they tell what they do where details are asked for."""
        return max(0, self.verbosity - 1)


def become_clock(write_end: int, log: Path) -> None:
    """Say through a pipe that all is prepared, write into a log from here on, and tick."""
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    os.write(write_end, b"prepared")
    os.close(write_end)
    # The language was that of the terminal.
    translation.deactivate()
    call_command("clock")


def collect_static(verbosity: int = 0) -> None:
    """Collect the static files of this version, where that was not done yet.

    Where they cannot be written they came with the image.
    """
    root = Path(settings.STATIC_ROOT)
    if root.is_dir() and not os.access(root, os.W_OK):
        return
    storage: Any = staticfiles_storage
    if not storage.is_collected:
        call_command("collectstatic", verbosity=verbosity, interactive=False)
