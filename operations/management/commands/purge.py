"""`manage.py purge`: remove old rows, by the method that gives most space back."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from operations import tables
from operations.storage.purge_request import age, kind
from operations.storage.purgeable import KINDS
from operations.storage.purging import Freed, Plan, PurgeStopped, carry_out, make_plan
from operations.storage.report import plan_table
from web.commands import OperatorCommand
from web.times import HOUR_MS, now_ms


class Command(OperatorCommand):
    help = _("Remove what is older than a time; coins are never touched.")
    # Needed most when a full disk has stopped the other engines.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--what", type=kind, required=True, help=", ".join(KINDS))
        parser.add_argument("--before", type=age, required=True, help=_("30d, 12h, 2026-11-01 …"))
        parser.add_argument("--dry-run", action="store_true", help=_("only tell what would go"))
        parser.add_argument(
            "--export", type=Path, help=_("write it to a new file first (JSON lines)")
        )
        parser.add_argument("--yes", action="store_true", help=_("do not ask"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when it was stopped; what was removed by then is told."""
        if options["before"] > now_ms() - HOUR_MS:
            raise CommandError(_("What is younger than an hour may still be under way."))
        try:
            plan = make_plan(options["what"], options["before"])
            self._tell(plan)
            if options["dry_run"] or not plan.count and not plan.drop:
                return self.stdout.write(_("Nothing was changed."))
            if not options["yes"]:
                self._ask(plan, options["export"])
            freed = carry_out(plan, options["export"])
        except PurgeStopped as stopped:
            raise CommandError(str(stopped)) from stopped
        if options["export"]:
            told = _("%(count)d rows are in %(file)s.")
            self.stdout.write(told % {"count": freed.exported, "file": options["export"]})
        self.stdout.write(self.style.SUCCESS(_done(plan, freed)))

    def _tell(self, plan: Plan) -> None:
        table = plan_table(plan)
        tables.write(self.stdout, table)
        if not table.rows:
            self.stdout.write(_("%(what)s: nothing is that old") % {"what": table.title})

    def _ask(self, plan: Plan, export: Path | None) -> None:
        if not self.verbosity or not sys.stdin.isatty():
            raise CommandError(_("This cannot be taken back; say --yes where nobody can be asked."))
        kept = (
            _("It is written to %(file)s first.") % {"file": export}
            if export
            else _("Nothing keeps a copy.")
        )
        told = _("This cannot be taken back. %(kept)s Type yes to remove it:") % {"kept": kept}
        self.stdout.write(f"{told} ", ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip() != "yes":
            raise CommandError(_("Nothing was changed."))


def _done(plan: Plan, freed: Freed) -> str:
    told = _(
        "Removed %(rows)d rows of %(count)d; %(returned)d bytes went back to the system,"
        " %(expected)d were expected. Inside the files %(after)s are free for new rows, %(before)s"
        " before."
    ) % {
        "rows": freed.rows,
        "count": plan.count,
        "returned": freed.returned_bytes,
        "expected": plan.returned_bytes,
        "after": tables.size(freed.reusable_after_bytes),
        "before": tables.size(freed.reusable_before_bytes),
    }
    stays = _("Stays, because the database does not let it go: %(row)s.")
    return "\n".join([told, *(stays % {"row": row} for row in freed.left)])
