"""The operator's view of markets and coins. Coins move through acts, never by editing a row."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import limits
from accounts.refusals import Refused
from betting import markets, payments, wallets
from betting.models import (
    Correction,
    LedgerEntry,
    Market,
    Outcome,
    Position,
    Wallet,
    Watermark,
)

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    OutcomeInline = admin.TabularInline[Outcome, Market]
    AnyForm = forms.ModelForm[Any]
else:
    # Django's own classes take no type arguments when they run.
    AnyAdmin, OutcomeInline, AnyForm = admin.ModelAdmin, admin.TabularInline, forms.ModelForm


class ReadOnly(AnyAdmin):
    """May be looked at by those who may look, and changed by nobody."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class Outcomes(OutcomeInline):
    """The answers on a market's page."""

    model = Outcome
    fields = readonly_fields = ("number", "label", "coins", "heads", "won")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: answers are fixed from the beginning."""
        return False


class WithReason(ActionForm):
    """Actions on markets ask for a reason; it is kept in the log of the admin."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=limits.REASON_CHARACTERS_MAX, required=False
    )


@admin.register(Market)
class MarketAdmin(ReadOnly):
    """Markets: what the bank says beside what SQL shows, and what an operator may do."""

    list_display = ("id", "question", "room", "status", "coins", "bettors", "frozen")
    list_filter = ("status", "frozen", "room__club")
    list_select_related = ("room",)
    search_fields = ("question", "room__code", "=id")
    ordering = ("-id",)
    inlines = (Outcomes,)
    readonly_fields = ("bank_state",)
    action_form = WithReason
    actions = ("lock", "void", "freeze", "unfreeze", "go_on_paying")

    @admin.display(description=gettext_lazy("In the bank now"))
    def bank_state(self, market: Market) -> str:
        """Every field of the bank's market, with SQL's beside it where both have it."""
        try:
            state = markets.state_of(market)
        except Refused as refused:
            return str(refused.message)
        if state is None:
            return _("Not in the bank: a draft, or forgotten after its end.")
        rows = (
            (field.name, getattr(state, field.name), getattr(market, field.name, ""))
            for field in fields(state)
        )
        head = format_html("<tr><th></th><th>{}</th><th>SQL</th></tr>", _("Bank"))
        body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table>{}{}</table>", head, body)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may run markets as an operator."""
        return request.user.has_perm(markets.PERMISSION)

    @admin.action(description=gettext_lazy("Lock"), permissions=["act"])
    def lock(self, request: HttpRequest, chosen: QuerySet[Market]) -> None:
        """Take no more bets."""
        self._each(request, chosen, "lock")

    @admin.action(description=gettext_lazy("Void and refund"), permissions=["act"])
    def void(self, request: HttpRequest, chosen: QuerySet[Market]) -> None:
        """Give every stake back."""
        self._each(request, chosen, "void")

    @admin.action(description=gettext_lazy("Put on hold"), permissions=["act"])
    def freeze(self, request: HttpRequest, chosen: QuerySet[Market]) -> None:
        """Take no bets and pay nothing for the moment."""
        self._each(request, chosen, "freeze")

    @admin.action(description=gettext_lazy("Let go on"), permissions=["act"])
    def unfreeze(self, request: HttpRequest, chosen: QuerySet[Market]) -> None:
        """End a hold."""
        self._each(request, chosen, "unfreeze")

    @admin.action(description=gettext_lazy("Go on paying"), permissions=["act"])
    def go_on_paying(self, request: HttpRequest, chosen: QuerySet[Market]) -> None:
        """Do now what the clock would do."""
        self._each(request, chosen, "pay")

    def _each(self, request: HttpRequest, chosen: QuerySet[Market], act: str) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, _("Please give a reason."), messages.ERROR)
            return
        for market in chosen.select_related("room"):
            try:
                _act(markets.Author(request.user, is_operator=True), market, act, reason)  # type: ignore[arg-type]
            except Refused as refused:
                text = f"{market}: {refused.message}"
                self.message_user(request, text, messages.ERROR)
                continue
            self.log_change(request, market, f"{act}: {reason}")
            self.message_user(request, f"{market}: {act}", messages.SUCCESS)


def _act(by: markets.Author, market: Market, act: str, reason: str) -> None:
    if act == "lock":
        markets.lock(by, market)
    elif act == "void":
        markets.void(by, market, reason)
    elif act in ("freeze", "unfreeze"):
        markets.freeze(market, on=act == "freeze")
    payments.finish_soon(market.pk)


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnly):
    """The ledger, for reading: read-only for everyone."""

    list_display = (
        "seq", "club", "kind", "coins", "user_id", "market_id", "outcome_id", "wallet_after",
        "command", "at_ms",
    )  # fmt: skip
    list_filter = ("kind", "club")
    search_fields = ("=user_id", "=market_id", "=seq", "=command")
    ordering = ("-id",)
    # Counting millions of rows for a page number is not worth it.
    show_full_result_count = False


@admin.register(Wallet)
class WalletAdmin(ReadOnly):
    """Wallets as the ledger shows them."""

    list_display = ("user", "club", "coins", "seq")
    list_select_related = ("user", "club")
    search_fields = ("user__nickname", "=user__id")
    show_full_result_count = False


@admin.register(Position)
class PositionAdmin(ReadOnly):
    """Positions as the ledger shows them."""

    list_display = ("market", "user", "outcome", "coins", "first_seq")
    list_select_related = ("market", "user", "outcome")
    search_fields = ("user__nickname", "=user__id", "=market__id")
    show_full_result_count = False


@admin.register(Watermark)
class WatermarkAdmin(ReadOnly):
    """Up to where each club is recorded."""

    list_display = ("club", "epoch", "seq", "at_ms")


@admin.register(Correction)
class CorrectionAdmin(ReadOnly):
    """Grants and burns by operators: they can be made here, and never be changed."""

    list_display = ("id", "kind", "coins", "user", "club", "market", "reason", "by", "seq")
    list_filter = ("kind", "club")
    list_select_related = ("user", "club", "market", "by")
    fields = ("club", "user", "kind", "coins", "market", "reason")
    raw_id_fields = ("user", "market")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever holds the permission to add corrections."""
        return request.user.has_perm("betting.add_correction")

    def save_model(
        self, request: HttpRequest, obj: Correction, form: AnyForm, change: bool
    ) -> None:
        """Grant or burn; the answer of the bank is told on the page."""
        wallets.write_down(obj, by=request.user.pk or 0)
        try:
            wallets.carry_out(obj)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """At least one coin, at most a largest stake."""
        form = super().get_form(request, obj, change, **kwargs)
        if "coins" in form.base_fields:
            form.base_fields["coins"] = forms.IntegerField(
                min_value=1, max_value=limits.STAKE_COINS_MAX, label=_("coins")
            )
        return form
