"""The ledger browser. Nothing here writes: it has no actions, and refuses every POST."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from betting.admin import browsing, coins
from betting.models import LedgerEntry, Market
from rooms.models import Club
from web.admin_site.admin_pages import ReadOnly
from web.rows import replica


class Wanted(forms.Form):
    """The entries that are asked for; a market names its club by itself."""

    club = forms.ModelChoiceField(
        Club.objects.order_by("pk"), label=_("club"), required=False, empty_label=None
    )
    market = forms.IntegerField(label=_("number of a question"), required=False, min_value=1)
    user = forms.IntegerField(label=_("number of a user"), required=False, min_value=1)
    before = forms.IntegerField(label=_("entries before"), required=False, min_value=1)

    def view(self) -> tuple[browsing.View, int | None]:
        """The view that was asked for; nonsense counts as not asked."""
        self.full_clean()
        said = {name: self.cleaned_data.get(name) for name in self.fields}
        club = said["club"] or coins.main_club()
        if said["market"]:
            market = Market.objects.filter(pk=said["market"]).select_related("room__club").first()
            club = market.room.club if market else club
        view = browsing.View(club_id=club.pk, market_id=said["market"], user_id=said["user"])
        return view, said["before"]


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnly):
    """Read-only for everyone."""

    actions = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Fifty entries of a club, a market or a user, as sentences with running sums."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        view, before = Wanted(request.GET).view()
        asked = {"club": view.club_id, "market": view.market_id, "user": view.user_id}
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "form": Wanted(initial=asked),
            "asked": {name: number for name, number in asked.items() if number},
            "view": view,
            "ledger_page": replica.read(browsing.ledger_page, view, before),
            "before": before,
        }
        return TemplateResponse(request, "admin/ledger.html", context)
