"""`manage.py redis_doctor`: what is wrong with the bank and the live instance, and the remedy."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from operations import tables
from operations.doctor.examination import Examination, examine
from operations.doctor.key_sample import Budget
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Examine both Redis roles; exit 1 when something should be mended.")
    # Needed most with a dangerous bank, and the checks would not go on with one.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keys", type=int, default=100_000, help=_("look at so many keys"))
        parser.add_argument(
            "--seconds", type=float, default=10, help=_("and so long, each instance")
        )
        parser.add_argument("--json", action="store_true", help=_("everything as one JSON object"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes nothing and holds up nobody: it asks in small steps."""
        found = examine(Budget(options["keys"], options["seconds"]))
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), indent=2))
        else:
            self._tell(found)
        if found.findings:
            if not self.verbosity:
                self.stderr.write("\n".join(f"{f.instance}: {f.sentence}" for f in found.findings))
            sys.exit(1)

    def _tell(self, found: Examination) -> None:
        for table in found.tables():
            tables.write(self.stdout, table)
        for finding in found.findings:
            style = self.style.ERROR if finding.is_dangerous else self.style.WARNING
            self.stdout.write(style(f"{finding.instance}: {finding.word}: {finding.sentence}"))
            self.stdout.write(f"    {finding.mend}")
        if not found.findings:
            self.stdout.write(self.style.SUCCESS("Both are well."))
