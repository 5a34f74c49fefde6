"""A club's coins on its page: totals now, and the differences of the last comparisons."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django import forms
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from betting import bank, ledger
from betting.actions import markets
from betting.admin.bank_sections import ledger_of, why_missing, without_bank
from betting.audit import reconcile, verdicts
from betting.audit.comparisons.differences import Difference, still
from betting.audit.wording import worded
from betting.bank.refusals import away
from betting.models import Market, Wallet
from betting.wire import sight
from rooms.admin.club_admin import ClubAdmin
from rooms.models import Club
from web.admin_site.admin_pages import Act, HalfDone, Line, Section, Verdict
from web.live.live_redis import LiveAway
from web.refusals import Refused
from web.times import shown

READS = 3
# The user of a difference, as betting/audit/comparisons/differences.py names it.
_USER = re.compile(r"wallet of user (\d+)")


def totals(request: HttpRequest, club: Club) -> Section:
    """The bank's totals; the coins in wallets beside the sum of SQL's wallets."""
    title, live = _("Coins now"), _("Bank now")
    try:
        head, in_sql, is_level, recorded = _read(club.pk)
    except Refused as refused:
        in_sql = _sum(club.pk)
        return without_bank(title, live, [(_("In wallets"), f"{in_sql:,}")], refused)
    is_same = head.in_wallets == in_sql
    verdict: Verdict = "same" if is_same else "differs" if is_level else "behind"
    off = head.in_wallets - in_sql
    remark = _("%(coins)s coins apart") % {"coins": f"{abs(off):,}"} if not is_same else ""
    lines = [
        Line(
            label=_("Journal"),
            live=f"{head.epoch}-{head.seq}",
            sql=recorded,
            verdict="same" if is_level else "behind",
        ),
        Line(
            label=_("In wallets"),
            live=f"{head.in_wallets:,}",
            sql=f"{in_sql:,}",
            verdict=verdict,
            remark=remark,
        ),
    ]
    for label, coins in (
        (_("Issued"), head.issued),
        (_("Burned"), head.burned),
        (_("In pools"), head.in_pools),
        (_("House"), head.house),
    ):
        lines.append(Line(label=label, live=f"{coins:,}"))
    links = [(ledger_of(club=club.pk), _("Its ledger"))]
    return Section(title=title, live=live, lines=lines, links=links)


def _sum(club_id: int) -> int:
    return int(Wallet.objects.filter(club_id=club_id).aggregate(all=Sum("coins"))["all"] or 0)


def _read(club_id: int) -> tuple[bank.Head, int, bool, str]:
    """The bank's head, the sum of SQL's wallets, whether both are of one moment, and SQL's seq."""
    try:
        for _again in range(READS):
            ledger.record(club_id)
            with still(club_id) as mark:
                head, in_sql = bank.head(club_id), _sum(club_id)
            if head.seq == mark.seq:
                break
    except (bank.BankAway, bank.BankFull, ledger.JournalBroken) as error:
        raise away(error) from error
    return head, in_sql, head.seq == mark.seq, f"{mark.epoch}-{mark.seq}"


def comparisons(request: HttpRequest, club: Club) -> Section:
    """The verdicts of the last quick and deep comparison, and how to ask for one."""
    lines = []
    kinds: list[tuple[verdicts.Kind, str]] = [
        ("quick", _("Totals")),
        ("deep", _("Everything: chain, wallets, markets, positions")),
    ]
    try:
        for kind, label in kinds:
            verdict = verdicts.last([club.pk], kind).get(club.pk)
            lines += _told(label, verdict)
    except LiveAway:
        return Section(
            title=_("Last comparisons"),
            live=_("Found"),
            lines=[],
            note=_("The live instance does not answer."),
        )
    return Section(
        title=_("Last comparisons"), live=_("Found"), sql=_("By the ledger"), lines=lines
    )


def _told(label: str, verdict: verdicts.Verdict | None) -> list[Line]:
    if verdict is None:
        return [Line(label=label, live="–", remark=_("Not compared yet."))]
    seen = _("at %(seq)s, in %(ms)s ms") % {"seq": verdict.seq, "ms": f"{verdict.took_ms:,}"}
    first = Line(
        label=label,
        live=shown(verdict.at_ms),
        verdict="same" if verdict.is_green else "differs",
        remark=seen,
    )
    return [first, *(_difference(each) for each in verdict.differences)]


def _difference(each: verdicts.Found) -> Line:
    page = ""
    if each.market_id:
        page = reverse("admin:betting_market_change", args=[each.market_id])
    elif user := _USER.search(each.what):
        page = reverse("admin:accounts_user_change", args=[user[1]])
    return Line(
        label=worded(each.what),
        live=worded(each.found),
        sql=worded(each.ledger),
        verdict="differs",
        url=page,
    )


def _may_act(request: HttpRequest) -> bool:
    return request.user.has_perm(sight.PERMISSION)


def _compare(request: HttpRequest, club: Club, said: dict[str, Any]) -> str:
    try:
        verdicts.want(club.pk)
    except LiveAway as error:
        told = _("The live instance does not answer, so the clock was not asked.")
        raise Refused("unavailable", told) from error
    return _("Everything is being compared")


def _hold(request: HttpRequest, club: Club, said: dict[str, Any]) -> str:
    whole = Difference("an operator's word", "", "")
    held = reconcile.hold(reconcile.Report(club.pk, None, differences=[whole]))
    return _one_by_one(held, lambda n: ngettext("%d question on hold", "%d questions on hold", n))


def _let_go_on(request: HttpRequest, club: Club, said: dict[str, Any]) -> str:
    going = _let_go(club)
    return _one_by_one(going, lambda n: ngettext("%d question goes on", "%d questions go on", n))


def _let_go(club: Club) -> Iterator[int]:
    for market in Market.objects.filter(room__club=club, frozen=True).select_related("room"):
        markets.freeze(market, on=False)
        yield market.pk


def _one_by_one(steps: Iterable[int], words: Callable[[int], str]) -> str:
    """Take all steps and tell their number. Raises HalfDone when it stops after the first."""
    count = 0
    try:
        for _step in steps:
            count += 1
    except (bank.BankAway, bank.BankFull, Refused) as error:
        refused = error if isinstance(error, Refused) else away(error)
        if not count:
            raise refused from error
        told = {"done": words(count) % count, "why": why_missing(refused)}
        raise HalfDone(_("%(done)s, not the rest (%(why)s)") % told) from error
    return words(count) % count


ClubAdmin.extras.sections += [totals, comparisons]
ClubAdmin.extras.acts += [
    Act(
        name="compare",
        label=gettext_lazy("Compare everything"),
        effect=gettext_lazy(
            "The clock recomputes the chain and compares every wallet, market and position of the"
            " bank and of SQL with the ledger. Bets go on meanwhile; look again in a moment."
        ),
        run=_compare,
        may=_may_act,
        form=forms.Form,
    ),
    Act(
        name="hold",
        label=gettext_lazy("Put the club on hold"),
        effect=gettext_lazy(
            "Puts every undecided question of the club on hold: no bets and no payments until"
            " they are let go on."
        ),
        run=_hold,
        may=_may_act,
    ),
    Act(
        name="let_go_on",
        label=gettext_lazy("Let the club go on"),
        effect=gettext_lazy("Ends the hold on every question of the club."),
        run=_let_go_on,
        may=_may_act,
        offered=lambda club: Market.objects.filter(room__club=club, frozen=True).exists(),
    ),
]
