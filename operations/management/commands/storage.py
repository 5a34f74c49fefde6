"""`manage.py storage`: what the tables take, in which files, and what removing would do."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from operations import tables
from operations.storage import report, table_sizes
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Rows, bytes and files of every table, and what each way of removing would do.")
    # Needed most when a full disk has stopped the other engines.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("the figures as one JSON object"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes nothing."""
        found = table_sizes.read()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), indent=2, default=str))
            return
        self.stdout.write(report.summary(found))
        for table in report.tables(found, connection.vendor):
            tables.write(self.stdout, table)
