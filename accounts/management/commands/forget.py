"""`manage.py forget`: a user is to be forgotten; the clock does it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from accounts import forgetting
from accounts.models import User
from web.commands import OperatorCommand
from web.refusals import Refused


class Command(OperatorCommand):
    help = _("Ask for a user to be forgotten, by number; without one, list those who wait for it.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", type=int, nargs="?", help=_("the number of the user"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Asked again for the same user, the first request stands."""
        if options["user"] is None:
            for waiting in forgetting.waiting():
                self.stdout.write(str(waiting))
            return
        user = User.objects.filter(pk=options["user"]).first()
        if user is None:
            raise CommandError(_("There is no user %(number)d.") % {"number": options["user"]})
        try:
            forgetting.ask(user)
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        told = _("%(user)s will be forgotten once the last open bet is paid.")
        self.stdout.write(told % {"user": user})
