"""`manage.py reconcile`: compare the bank, the ledger and its projections."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from betting import bank
from betting.audit import reconcile, verdicts
from betting.management.club_options import add_clubs, chosen
from betting.management.progress import following
from web.commands import OperatorCommand


class Command(OperatorCommand):
    help = _("Compare the bank with the ledger; exit 1 names the first difference.")

    # Books are compared whatever the settings of the engines are.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_clubs(parser)
        parser.add_argument(
            "--all",
            action="store_true",
            help=_("the chain, every wallet, position and market, too"),
        )
        parser.add_argument(
            "--freeze", action="store_true", help=_("put what differs on hold until it is mended")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for club in chosen(options["clubs"]):
            began_s = time.monotonic()
            with following(self.stdout) as progress:
                try:
                    report = reconcile.reconcile(club.pk, deep=options["all"], progress=progress)
                except bank.BankAway as away:
                    raise CommandError(
                        _("The bank does not answer: %(why)s.") % {"why": away}
                    ) from away
            took_ms = round(1000 * (time.monotonic() - began_s))
            verdicts.keep(report, "deep" if options["all"] else "quick", took_ms)
            self._print(club.slug, report)
            if report.differences and options["freeze"]:
                held = list(reconcile.hold(report))
                told = _("%(club)s: on hold: markets %(held)s")
                self.stdout.write(told % {"club": club.slug, "held": held})
            found += report.differences
        if found:
            told = _("%(count)d differences, the first: %(first)s")
            raise CommandError(told % {"count": len(found), "first": found[0]}, returncode=1)

    def _print(self, slug: str, report: reconcile.Report) -> None:
        head = report.head
        if head is None:
            self.stdout.write(_("%(club)s: the bank holds nothing of this club") % {"club": slug})
        else:
            told = _(
                "%(club)s: at %(entry)s: issued %(issued)d - burned %(burned)d %(sign)s wallets"
                " %(wallets)d + pools %(pools)d + house %(house)d"
            )
            self.stdout.write(
                told
                % {
                    "club": slug,
                    "entry": f"{head.epoch}-{head.seq}",
                    "issued": head.issued,
                    "burned": head.burned,
                    "sign": "=" if head.is_even else "≠",
                    "wallets": head.in_wallets,
                    "pools": head.in_pools,
                    "house": head.house,
                }
            )
        for difference in report.differences:
            self.stdout.write(self.style.ERROR(f"{slug}: {difference}"))
        if report.is_green:
            self.stdout.write(self.style.SUCCESS(_green(slug, report)))


def _green(slug: str, report: reconcile.Report) -> str:
    if not report.wallets and not report.markets:
        return _("%(club)s: green (totals)") % {"club": slug}
    return _(
        "%(club)s: green (chain, %(wallets)d wallets, %(bettors)d bettors in %(markets)d markets)"
    ) % {
        "club": slug,
        "wallets": report.wallets,
        "bettors": report.positions,
        "markets": report.markets,
    }
