"""Put a live crowd into a room."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from accounts.nicknames import suggest
from rooms.models import Room
from simulation.bots import Crowd, keep_asking
from simulation.invitations import invite_guest, sign_in
from simulation.player import Player
from simulation.riders import ride_for_ever, rides
from web.commands import OperatorCommand

PLAYERS_MAX = 1000


async def _invite(player: Player) -> None:
    await invite_guest(player, suggest())


class Command(OperatorCommand):
    """Plays with real clients over real sockets until the time is over or a signal stops it."""

    help = _(
        "Put a crowd of players into a room; --keep-asking also plays its host and some rides."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--room", required=True, help=_("the room's code"))
        parser.add_argument("--players", type=int, default=8)
        parser.add_argument("--seconds", type=float, default=0, help=_("0 plays until stopped"))
        parser.add_argument("--url", default=settings.PUBLIC_URL)
        parser.add_argument("--keep-asking", action="store_true", help=_("ask and settle, too"))

    def handle(self, *args: Any, **options: Any) -> None:
        room = Room.objects.select_related("host").filter(code=options["room"].upper()).first()
        if room is None:
            raise CommandError(f"There is no room {options['room']}.")
        if not 1 <= options["players"] <= PLAYERS_MAX:
            raise CommandError(f"--players takes a number from 1 to {PLAYERS_MAX}.")
        asyncio.run(self._play(room, options))

    async def _play(self, room: Room, options: dict[str, Any]) -> None:
        crowd = Crowd(options["url"], room.code, options["players"], _invite)
        asking: list[asyncio.Task[None]] = []
        async with Player(options["url"]) as host:
            if options["keep_asking"]:
                await sign_in(host, room.host)
                asking.append(asyncio.create_task(keep_asking(host, room.code, crowd.tally)))
                for track in rides():
                    riding = ride_for_ever(options["url"], room.code, track, _invite)
                    asking.append(asyncio.create_task(riding))
            try:
                await self._show(crowd, options["seconds"] or None)
            finally:
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)
        self.stdout.write(str(crowd.tally))

    async def _show(self, crowd: Crowd, seconds: float | None) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        console = Console(quiet=not self.verbosity)
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("crowd", total=seconds)
            playing = asyncio.create_task(crowd.run(seconds))
            while not playing.done():
                await asyncio.wait({playing}, timeout=1)
                tally = crowd.tally
                text = f"{tally.bets} bets, {tally.refused} refused, {tally.drops} drops"
                progress.update(bar, advance=1, description=text)
            await playing
