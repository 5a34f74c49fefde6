"""Play recorded rides and walks as that many phones, and compare what Ringside knows then."""

import asyncio
import math
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from simulation import phones, tracks
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Ends with a table; exit 1 when history or the newest position differ from the recording."""

    help = _("Play the recorded tracks of a folder over real sockets and HTTP, shifted to now.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--speed", type=float, default=1, help=_("times faster than recorded"))
        parser.add_argument("--tracks", type=int, help=_("only the first N"))
        parser.add_argument("--only", help=_("only tracks whose name begins so (ride, courier)"))
        parser.add_argument("--way", choices=phones.WAYS, help=_("all phones over one way in"))
        parser.add_argument("--url", default=settings.PUBLIC_URL)

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["speed"] < math.inf:
            raise CommandError("--speed must be above 0.")
        try:
            found = tracks.read(options["folder"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        found = [track for track in found if track.name.startswith(options["only"] or "")]
        ways = (options["way"],) if options["way"] else phones.WAYS
        played = asyncio.run(
            phones.play(options["url"], found[: options["tracks"]], options["speed"], ways)
        )
        if self.verbosity:
            _show(played)
        differing = [each for each in played if each.differs]
        if differing:
            told = "; ".join(f"{each.track.name}: {each.differs}" for each in differing[:5])
            raise CommandError(f"{len(differing)} tracks differ. {told}")


def _show(played: list[phones.Reported]) -> None:
    table = Table(title="Tracks")
    for heading in ("way", "tracks", "fixes", "answers", "with a held fix", "as recorded"):
        table.add_column(heading, justify="right")
    for way in phones.WAYS:
        mine = [each for each in played if each.way == way]
        answers: Counter[str] = sum((each.answers for each in mine), Counter())
        table.add_row(
            way,
            f"{len(mine):,}",
            f"{answers.total():,}",
            " ".join(f"{status} {count:,}" for status, count in answers.most_common()),
            f"{sum('held' in each.answers for each in mine)}",
            f"{sum(not each.differs for each in mine)}",
        )
    Console().print(table)
