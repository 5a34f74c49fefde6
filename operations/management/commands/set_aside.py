"""`manage.py set_aside`: rows that could not be taken, and putting them back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from web.live_redis import LiveAway
from web.rows import set_aside
from web.times import moment


class Command(BaseCommand):
    help = "List rows that could not be taken, without what is in them; --back tries them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--back", action="store_true", help="put them back in their queues")

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes nothing without --back; a row whose reason is still there comes again."""
        try:
            for row in set_aside.rows():
                self.stdout.write(
                    f"{moment(row.at_ms)} {row.what} of user {row.user_id}: {row.why}"
                )
            if options["back"]:
                self.stdout.write(f"{set_aside.put_back()} rows were put back.")
        except LiveAway as error:
            raise CommandError("The live instance does not answer.") from error
