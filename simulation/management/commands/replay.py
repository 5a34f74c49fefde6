"""Play recorded markets of real people, and prove that every coin is accounted for."""

import asyncio
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from accounts.models import User
from betting.actions import wallets
from betting.models import Correction
from rooms.models import MAIN_CLUB, Club
from simulation.invitations import in_thread, invite_guest
from simulation.player import Player
from simulation.recordings import RecordedMarket, read
from simulation.replay import Played, Replay
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Ends with a table and a reconcile; exit 1 when pools or books differ."""

    help = _("Play the recorded streams of a folder through real sockets into real markets.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--speed", type=float, default=0, help=_("0: as fast as possible"))
        parser.add_argument("--markets", type=int, help=_("only the first N of the recording"))
        parser.add_argument("--lanes", type=int, default=3, help=_("rooms played side by side"))
        parser.add_argument("--shuffle", type=int, metavar="SEED", help=_("deliver out of order"))
        parser.add_argument("--url", default=settings.PUBLIC_URL)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            markets = read(options["folder"])[: options["markets"]]
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        needs = _needs(markets)
        operator = User.objects.filter(is_superuser=True).order_by("pk").first()
        if operator is None:
            raise CommandError("An operator must grant the coins; make one with createsuperuser.")
        club = Club.objects.get(slug=MAIN_CLUB)

        async def invite(player: Player, name: str) -> None:
            user = await invite_guest(player, name[:20])
            if coins := needs[name]:
                await in_thread(_grant, operator, user, club, coins)

        replay = Replay(options["url"], invite, options["lanes"], options["speed"],
                        options["shuffle"])  # fmt: skip
        console = Console(quiet=not self.verbosity)
        results = asyncio.run(_play(replay, markets, console))
        _show(results, console)
        self._prove(results)

    def _prove(self, results: list[Played]) -> None:
        call_command("reconcile", "--all", stdout=self.stdout, verbosity=self.verbosity)
        differing = [played.market.name for played in results if not played.is_as_recorded]
        if differing:
            raise CommandError(f"{len(differing)} pools differ from the recording: {differing[:5]}")


def _grant(operator: User, user: User, club: Club, coins: int) -> None:
    correction = Correction(club=club, user=user, kind="grant", coins=coins, reason="replay")
    wallets.write_down(correction, by=operator.pk)
    wallets.carry_out(correction)


async def _play(replay: Replay, markets: list[RecordedMarket], console: Console) -> list[Played]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bets = progress.add_task("bets", total=sum(len(market.bets) for market in markets))
        done = progress.add_task("markets", total=len(markets))
        replay.on_bet = lambda: progress.advance(bets)
        replay.on_market = lambda: progress.advance(done)
        return await replay.run(markets)


def _needs(markets: list[RecordedMarket]) -> Counter[str]:
    needs: Counter[str] = Counter()
    for market in markets:
        for bet in market.bets:
            needs[bet.user] += bet.coins
    return needs


def _show(results: list[Played], console: Console) -> None:
    totals = Counter[str]()
    refusals: Counter[str] = Counter()
    for played in results:
        totals["markets"] += 1
        totals[f"markets {played.final.status} {played.final.reason or ''}".strip()] += 1
        totals["bets recorded"] += len(played.market.bets)
        totals["bets accepted"] += played.accepted
        totals["coins in the pools"] += sum(played.pools)
        if settlement := played.final.settlement:
            totals["coins paid"] += settlement.paid
            totals["coins kept by the house"] += settlement.takeout
            totals["coins given back"] += sum(settlement.refunded.values())
        totals["pools as recorded"] += played.is_as_recorded
        totals["lines that are no stake"] += played.market.left_out
        refusals += played.refusals
    table = Table(title="Replay")
    table.add_column("what")
    table.add_column("how much", justify="right")
    for name, figure in totals.items():
        table.add_row(name, f"{figure:,}")
    for code, count in refusals.most_common():
        table.add_row(f"refused: {code}", f"{count:,}")
    points = sum(played.market.points for played in results)
    left_out = sum(played.market.left_out_points for played in results)
    table.add_row("points recorded", f"{points:,.2f}")
    table.add_row("points that are no whole stake", f"{left_out:,.2f}")
    console.print(table)
