"""Wallets, positions, watermarks and corrections."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from betting.actions import wallets
from betting.admin.bank_sections import ledger_of, without_bank
from betting.admin.comparing import compared
from betting.audit.comparisons.differences import audit_wallets
from betting.models import (
    Anchor,
    ClockLease,
    Correction,
    Epoch,
    Installation,
    Position,
    Wallet,
    Watermark,
)
from rooms.models import MAIN_CLUB, Club
from web import limits
from web.admin_site.admin_pages import Act, Inspected, Line, ReadOnly, Section, WithReason
from web.refusals import Refused

if TYPE_CHECKING:
    AnyForm = forms.ModelForm[Any]
else:
    # Django's own class takes no type arguments when it runs.
    AnyForm = forms.ModelForm

_OF_CLUB = ("club__slug__folded", "club__title__folded")


@admin.register(Wallet)
class WalletAdmin(ReadOnly, Inspected):
    """Wallets as the ledger shows them, and as the bank has them."""

    list_display = ("user", "club", "coins", "seq")
    list_select_related = ("user", "club")
    search_fields = ("user__nickname_folded__folded", "=user__id")


@admin.register(Position)
class PositionAdmin(ReadOnly):
    """Positions as the ledger shows them."""

    list_display = ("market", "user", "outcome", "coins", "first_seq")
    list_select_related = ("market", "user", "outcome")
    search_fields = ("user__nickname_folded__folded", "=user__id", "=market__id")


@admin.register(Watermark)
class WatermarkAdmin(ReadOnly):
    """Up to where each club is recorded."""

    list_display = ("club", "epoch", "seq", "at_ms")
    list_select_related = ("club",)
    search_fields = _OF_CLUB


@admin.register(Anchor)
class AnchorAdmin(ReadOnly):
    """Where each club's chain stood when it was published."""

    list_display = ("club", "seq", "chain", "at_ms")
    list_select_related = ("club",)
    search_fields = (*_OF_CLUB, "=seq", "=chain")


@admin.register(ClockLease)
class ClockLeaseAdmin(ReadOnly):
    """The clocks that run, among which the clubs are shared."""

    list_display = ("owner", "until_ms")
    search_fields = ("=owner",)


@admin.register(Installation)
class InstallationAdmin(ReadOnly):
    """The id that each bank of this installation holds."""

    list_display = ("name",)
    search_fields = ("=name",)


@admin.register(Epoch)
class EpochAdmin(ReadOnly):
    """When a club's bank began anew, and after which entry."""

    list_display = ("club", "epoch", "after_seq", "at_ms", "why")
    list_select_related = ("club",)
    search_fields = (*_OF_CLUB, "why__folded")


def coins_field() -> forms.IntegerField:
    """At least one coin, at most a largest stake."""
    return forms.IntegerField(
        min_value=1, max_value=limits.STAKE_COINS_MAX, label=gettext_lazy("coins")
    )


def key_field() -> forms.UUIDField:
    """Carried by a form unseen: sent twice it moves coins once."""
    return forms.UUIDField(initial=uuid4, required=False, widget=forms.HiddenInput)


class CorrectionForm(AnyForm):
    """A correction to be made."""

    coins = coins_field()
    key = key_field()


@admin.register(Correction)
class CorrectionAdmin(ReadOnly):
    """Grants and burns by operators: they can be made here, and never be changed."""

    list_display = ("id", "kind", "coins", "user", "club", "market", "reason", "by", "at_ms", "seq")
    search_fields = ("user__nickname_folded__folded", "=user__id", "reason__folded")
    list_filter = ("kind", "club")
    list_select_related = ("user", "club", "market", "by")
    form = CorrectionForm
    fields = ("club", "user", "kind", "coins", "market", "reason", "key")
    raw_id_fields = ("user", "market")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the request's user may add corrections."""
        return request.user.has_perm("betting.add_correction")

    def save_model(
        self, request: HttpRequest, obj: Correction, form: AnyForm, change: bool
    ) -> None:
        """Grant or burn; the answer of the bank is told on the page."""
        kept = wallets.write_down(obj, by=request.user.pk or 0, key=form.cleaned_data["key"])
        obj.pk = kept.pk

        def ask() -> None:
            try:
                self.message_user(request, _carry_out(kept))
            except Refused as refused:
                self.message_user(request, str(refused.message), "ERROR")

        # This page is one transaction, and the bank is asked for what is on disk only.
        transaction.on_commit(ask)


class CoinsForm(WithReason):
    """How many coins, and why."""

    coins = coins_field()
    key = key_field()
    field_order: Sequence[str] = ("coins", "reason")


def correct(request: HttpRequest, kind: str, wallet: Wallet, said: dict[str, Any]) -> str:
    """Grant into a wallet or burn out of it; the correction names who and why. Raises Refused."""
    correction = Correction(
        club_id=wallet.club_id,
        user_id=wallet.user_id,
        kind=kind,
        coins=said["coins"],
        reason=said["reason"],
    )
    return _carry_out(wallets.write_down(correction, by=request.user.pk or 0, key=said["key"]))


def _carry_out(correction: Correction) -> str:
    """Ask the bank once, and tell the result. Raises Refused, where the bank refuses for good."""
    told = _("Granted %(coins)s coins")
    if correction.kind == "burn":
        told = _("Burned %(coins)s coins")
    try:
        if not correction.seq:
            wallets.carry_out(correction)
    except Refused as refused:
        if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        # "Try again" would be wrong here: it would move the coins twice.
        told = _(
            "%(coins)s coins are written down; the clock moves them as soon as the bank answers"
        )
    return told % {"coins": f"{correction.coins:,}"}


def may_correct(request: HttpRequest) -> bool:
    """Whether the request's user may add corrections."""
    return request.user.has_perm("betting.add_correction")


def line(wallet: Wallet, refused: Refused | None = None) -> tuple[Line, Refused | None]:
    """A wallet of the bank beside that of SQL; with what was refused when the bank is away.

    A bank that has just `refused` is not asked again.
    """
    user_id, club_id = wallet.user_id, wallet.club_id
    label = wallet.club.title
    try:
        if refused:
            raise refused
        found = compared(club_id, [], [user_id])
        found.confirm(partial(audit_wallets, club_id, [user_id]))
    except Refused as why:
        return Line(label=label, live="–", sql=f"{wallet.coins:,}", verdict="away"), why
    in_bank = found.held.coins[user_id]
    verdict, remark = found.judge(f"wallet of user {user_id}", in_bank, wallet.coins)
    told = Line(
        label=label, live=f"{in_bank:,}", sql=f"{wallet.coins:,}", verdict=verdict, remark=remark
    )
    return told, None


def _coins_of(request: HttpRequest, wallet: Wallet) -> Section:
    told, refused = line(wallet)
    title, live = _("Coins"), _("Bank now")
    if refused:
        return without_bank(title, live, [(told.label, told.sql)], refused)
    links = [(ledger_of(club=wallet.club_id, user=wallet.user_id), _("Its ledger"))]
    return Section(title=title, live=live, lines=[told], links=links)


GRANT: dict[str, Any] = {
    "label": gettext_lazy("Grant coins"),
    "effect": gettext_lazy("Issues coins into the wallet. The ledger keeps them for ever."),
    "may": may_correct,
}
BURN: dict[str, Any] = {
    "label": gettext_lazy("Burn coins"),
    "effect": gettext_lazy(
        "Takes at most so many coins out of the wallet; what it holds, if that is less."
    ),
    "may": may_correct,
}


def _run(kind: str) -> Any:
    return lambda request, wallet, said: correct(request, kind, wallet, said)


WalletAdmin.extras.sections.append(_coins_of)
WalletAdmin.extras.acts += [
    Act(name="grant", run=_run("grant"), form=CoinsForm, **GRANT),
    Act(name="burn", run=_run("burn"), form=CoinsForm, **BURN),
]


def main_club() -> Club:
    """The club in which everybody has a wallet."""
    return Club.objects.get(slug=MAIN_CLUB)
