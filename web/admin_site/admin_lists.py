"""What every list of the admin has: filters of its times, and counts that stop early."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from web import limits, times
from web.rows import replica


class MomentFilter(admin.DateFieldListFilter):
    """Today, the past 7 days, this month, this year: of a column in Unix milliseconds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = cast(Any, tuple((title, _in_ms(bounds)) for title, bounds in self.links))


def _in_ms(bounds: Mapping[str, Any]) -> dict[str, Any]:
    return {
        lookup: _midnight_ms(bound) if isinstance(bound, date) else bound
        for lookup, bound in bounds.items()
    }


def _midnight_ms(day: date) -> int:
    return int(timezone.make_aware(datetime.combine(day, time.min)).timestamp() * 1000)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first rows; no table is counted further than they go."""

    rows_max = limits.ADMIN_ROWS_COUNTED_MAX

    @cached_property
    def count(self) -> int:
        """How many rows the pages hold, at most `rows_max`."""
        return min(self._counted, self.rows_max)

    @property
    def has_more(self) -> bool:
        """Whether there are rows that no page holds."""
        return self._counted > self.rows_max

    @cached_property
    def _counted(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list).order_by().values("pk")
        return rows[: self.rows_max + 1].count()


class ConventionalList(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that filters by each time it shows, and counts no huge table."""

    paginator = BoundedPaginator
    show_full_result_count = False
    # Counts beside filters would read whole tables.
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, or take an action; a list that is only shown may come from a replica."""
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        return replica.read(self._shown, request, extra_context)

    def _shown(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        # Its rows are read by the template.
        return answer.render() if isinstance(answer, TemplateResponse) else answer

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The list's own filters, and one for each time among its columns."""
        found = list(super().get_list_filter(request))
        return [*found, *(each for each in self._time_filters(request) if each not in found)]

    def moment_lookups(self, request: HttpRequest) -> set[str]:
        """The lookups of the filters for columns in milliseconds."""
        names = [each[0] for each in self._time_filters(request) if isinstance(each, tuple)]
        return {f"{name}__{end}" for name in names for end in ("gte", "lt", "isnull")}

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Take an action; refused on all rows of a list when its pages do not hold them all."""
        is_on_all = request.POST.get("select_across", "0") != "0"
        if is_on_all and self.paginator(queryset, self.list_per_page).has_more:
            told = _("These are too many at once. Search or filter first.")
            self.message_user(request, told, messages.ERROR)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    def _time_filters(self, request: HttpRequest) -> list[Any]:
        names = [name for name in super().get_list_display(request) if isinstance(name, str)]
        return [
            (name, MomentFilter) if name.endswith("_ms") else name
            for name in names
            if times.is_moment(self.opts.label, name)
        ]
