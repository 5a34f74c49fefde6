"""Markets: what the bank says beside what SQL shows, and what an operator may do."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from betting.actions import decisions, markets, payments
from betting.admin import market_sections
from betting.models import Market, Outcome
from betting.wire import sight
from web.admin_site.admin_pages import Act, Inspected, ReadOnly

if TYPE_CHECKING:
    OutcomeInline = admin.TabularInline[Outcome, Market]
else:
    # Django's own classes take no type arguments when they run.
    OutcomeInline = admin.TabularInline


class Outcomes(OutcomeInline):
    """The answers on a market's page."""

    model = Outcome
    fields = readonly_fields = ("number", "label", "coins", "heads", "won")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: answers are fixed from the beginning."""
        return False


@admin.register(Market)
class MarketAdmin(ReadOnly, Inspected):
    """Read-only rows; everything happens through acts."""

    list_display = (
        "id",
        "question",
        "room",
        "status",
        "coins",
        "bettors",
        "frozen",
        "created_at_ms",
    )
    list_display_links = ("id", "question")
    list_filter = ("status", "frozen", "room__club")
    list_select_related = ("room",)
    search_fields = ("question__folded", "room__code__folded", "=id")
    ordering = ("-id",)
    inlines = (Outcomes,)


def _may_act(request: HttpRequest) -> bool:
    return request.user.has_perm(sight.PERMISSION)


def _author(request: HttpRequest) -> markets.Author:
    return markets.Author(request.user, is_operator=True)  # type: ignore[arg-type]


def _lock(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    payments.pay_soon(market, decisions.lock(_author(request), market))


def _void(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    payments.pay_soon(market, decisions.void(_author(request), market, said["reason"]))


def _withdraw(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    decisions.withdraw(_author(request), market)


def _freeze(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    markets.freeze(market, on=True)


def _unfreeze(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    payments.pay_soon(market, markets.freeze(market, on=False))


def _pay(request: HttpRequest, market: Market, said: dict[str, Any]) -> None:
    payments.pay_soon(market, markets.state_of(market))


def _is_undecided(market: Market) -> bool:
    return market.decide_seq is None and not market.is_final


MarketAdmin.extras.sections += [market_sections.figures, market_sections.holdings]
MarketAdmin.extras.acts += [
    Act(
        name="lock",
        label=_("Lock"),
        effect=_("Takes no more bets on this question. Coins stay where they are."),
        run=_lock,
        may=_may_act,
        offered=lambda market: _is_undecided(market) and market.status != Market.Status.LOCKED,
        in_lists=True,
    ),
    Act(
        name="void",
        label=_("Void and refund"),
        effect=_(
            "Calls the question off and gives every stake back, to the last coin. Until the"
            " room's time is over it can be withdrawn."
        ),
        run=_void,
        may=_may_act,
        offered=_is_undecided,
        in_lists=True,
    ),
    Act(
        name="withdraw",
        label=_("Withdraw the result"),
        effect=_("Takes an unofficial result back. The question stays locked, nobody is paid."),
        run=_withdraw,
        may=_may_act,
        offered=lambda market: market.official_at_ms is not None,
    ),
    Act(
        name="freeze",
        label=_("Put on hold"),
        effect=_("Takes no bets and pays nothing until it is let go on."),
        run=_freeze,
        may=_may_act,
        offered=lambda market: not market.is_final and not market.frozen,
        in_lists=True,
    ),
    Act(
        name="unfreeze",
        label=_("Let go on"),
        effect=_("Ends the hold: bets are taken and payments go on as if there had been none."),
        run=_unfreeze,
        may=_may_act,
        offered=lambda market: market.frozen,
        in_lists=True,
    ),
    Act(
        name="go_on_paying",
        label=_("Go on paying"),
        effect=_("Does now what the clock would do next: pays what is decided and not yet paid."),
        run=_pay,
        may=_may_act,
        offered=lambda market: market.is_paying,
        in_lists=True,
    ),
]
