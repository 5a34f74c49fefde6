"""A user's coins on their page, and granting and burning there."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.pages import PeopleAdmin
from accounts.models import User
from betting.admin import coins
from betting.admin.bank_sections import ledger_of, why_missing
from betting.models import Wallet
from rooms.models import Club
from web.admin_site.admin_pages import Act, Line, Section

CLUBS_SHOWN = 10


def wallets_of(request: HttpRequest, user: User) -> Section:
    """A person's wallet in each club: the bank's beside SQL's."""
    rows = list(Wallet.objects.filter(user=user).select_related("club")[:CLUBS_SHOWN])
    # A wallet that is not recorded yet may be in the bank already.
    rows = rows or [Wallet(club=coins.main_club(), user=user, coins=0, seq=0)]
    lines: list[Line] = []
    refused = None
    for wallet in rows:
        line, refused = coins.line(wallet, refused)
        lines.append(line)
    links = [
        (ledger_of(club=wallet.club_id, user=user.pk), _("Ledger: %s") % wallet.club.title)
        for wallet in rows
    ]
    note = why_missing(refused) if refused else ""
    return Section(title=_("Coins"), live=_("Bank now"), lines=lines, note=note, links=links)


class CoinsInClub(coins.CoinsForm):
    """A form: in which club, how many coins, and why."""

    club = forms.ModelChoiceField(
        Club.objects.order_by("pk"),
        label=gettext_lazy("club"),
        initial=coins.main_club,
        empty_label=None,
    )
    field_order = ("club", "coins", "reason")


def _run(kind: str) -> Any:
    def run(request: HttpRequest, user: User, said: dict[str, Any]) -> str:
        return coins.correct(request, kind, Wallet(user=user, club=said["club"]), said)

    return run


PeopleAdmin.extras.sections.insert(0, wallets_of)
PeopleAdmin.extras.acts += [
    Act(name="grant", run=_run("grant"), form=CoinsInClub, **coins.GRANT),
    Act(name="burn", run=_run("burn"), form=CoinsInClub, **coins.BURN),
]
