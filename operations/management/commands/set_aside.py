"""`manage.py set_aside`: rows that could not be taken, and putting them back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from web.commands import OperatorCommand
from web.live.live_redis import LiveAway
from web.rows import set_aside
from web.times import moment


class Command(OperatorCommand):
    help = _("List rows that could not be taken, without what is in them; --back tries them again.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--back", action="store_true", help=_("put them back in their queues"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes nothing without --back; a row whose reason is still there comes again."""
        try:
            for row in set_aside.rows():
                told = _("%(at)s %(what)s of user %(user)s: %(why)s")
                self.stdout.write(
                    told
                    % {
                        "at": moment(row.at_ms),
                        "what": row.what,
                        "user": row.user_id,
                        "why": row.why,
                    }
                )
            if options["back"]:
                self.stdout.write(
                    _("%(count)d rows were put back.") % {"count": set_aside.put_back()}
                )
        except LiveAway as error:
            raise CommandError(_("The live instance does not answer.")) from error
