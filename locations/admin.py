"""The admin of positions: whose, how old, from which source; nothing can be edited."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from locations import figures, live
from locations.fixes.fix import source_word
from locations.models import BetDecision, Device, PositionView, Sharing, UserLocation
from web import times
from web.admin_site.admin_pages import Unwritten
from web.refusals import Refused


class Filtered(Unwritten):
    """Read-only rows; an address of a list filters by nothing but `filters` and the times it shows.

    The stock admin filters by any column that an address names. Asking again and again for
    everybody north of a parallel would tell a position that no page shows.
    """

    filters: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        is_own = lookup.removesuffix("__exact") in self.filters
        return is_own or lookup in self.moment_lookups(request)


class Watched(Filtered):
    """Rows of which every view by an operator is noted, whatever the address looks like."""

    why: ClassVar[str]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Note the view before anything is shown; without the note nothing is shown."""
        shown = kwargs["obj"]
        PositionView.objects.create(
            by_id=int(request.user.pk or 0),
            user_id=shown.user_id,
            at_ms=times.now_ms(),
            why=self.why,
        )
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(UserLocation)
class UserLocationAdmin(Watched):
    """The newest positions. The list shows ages; viewing one position leaves an audit row."""

    why = "position"
    filters = ("user", "user__id")
    list_display = ("user", "age", "came_by", "words", "fixes")
    list_select_related = ("user",)
    search_fields = ("user__nickname_folded__folded", "=user__id")
    fieldsets = (
        (None, {"fields": ("user", "age", "fix_ms", "received_ms", "came_by", "words", "fixes")}),
        (
            _("Where exactly"),
            {
                "fields": (
                    "latitude",
                    "longitude",
                    "accuracy",
                    "altitude",
                    "speed",
                    "course",
                    "battery",
                )
            },
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, and beside it how often each status and reason was met."""
        try:
            counts: list[tuple[str, str, int]] | None = [
                (word, figures.became(word), count) for word, count in sorted(live.counts().items())
            ]
        except Refused:
            counts = None
        return super().changelist_view(request, {**(extra_context or {}), "counts": counts})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The figures and a map of the point."""
        fix = figures.fix_of(kwargs["obj"])
        context |= {"subtitle": "", "fix": fix, "tiles": settings.MAP_TILE_URL}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("age"), ordering="fix_ms")
    def age(self, row: UserLocation) -> str:
        return figures.age(row.fix_ms)

    @admin.display(description=_("source"))
    def came_by(self, row: UserLocation) -> str:
        return source_word(row.source)

    @admin.display(description=_("flags"))
    def words(self, row: UserLocation) -> str:
        return figures.flags(row.flags)

    @admin.display(description=_("latitude"))
    def latitude(self, row: UserLocation) -> str:
        return figures.degrees(row.lat_e7)

    @admin.display(description=_("longitude"))
    def longitude(self, row: UserLocation) -> str:
        return figures.degrees(row.lon_e7)

    @admin.display(description=_("accuracy"))
    def accuracy(self, row: UserLocation) -> str:
        return figures.accuracy(figures.fix_of(row))

    @admin.display(description=_("altitude"))
    def altitude(self, row: UserLocation) -> str:
        return figures.altitude(figures.fix_of(row))

    @admin.display(description=_("speed"))
    def speed(self, row: UserLocation) -> str:
        return figures.speed(figures.fix_of(row))

    @admin.display(description=_("course"))
    def course(self, row: UserLocation) -> str:
        return figures.course(figures.fix_of(row))

    @admin.display(description=_("battery"))
    def battery(self, row: UserLocation) -> str:
        return figures.battery(figures.fix_of(row))


@admin.register(Device)
class DeviceAdmin(Filtered):
    """Paired apps; deleting one ends its token at once."""

    filters = ("user", "user__id")
    list_display = ("name", "user", "created_at_ms", "seen_at_ms")
    list_select_related = ("user",)
    search_fields = ("name__folded", "user__nickname_folded__folded")


@admin.register(Sharing)
class SharingAdmin(Filtered):
    """What users show to rooms."""

    filters = ("user", "user__id", "room", "room__id")
    list_display = ("user", "room", "level", "until_ms")
    list_select_related = ("user", "room")
    search_fields = ("user__nickname_folded__folded", "=user__id", "room__code__folded")


@admin.register(BetDecision)
class BetDecisionAdmin(Watched):
    """The figures on which bets of rooms with a place were taken.

    One of them tells a distance; those of several rooms would tell a position.
    """

    why = "decision"
    filters = ("bet_id", "user_id", "room_id", "market_id")
    list_display = (
        "bet_id",
        "user_id",
        "room_id",
        "market_id",
        "at_ms",
        "proof",
        "where",
        "age_ms",
    )
    search_fields = ("bet_id", "=user_id", "=market_id")


@admin.register(PositionView)
class PositionViewAdmin(Filtered):
    """Views of exact positions by operators."""

    filters = ("by", "by__id", "user_id")
    list_display = ("by", "user_id", "at_ms", "why")
    list_select_related = ("by",)
    search_fields = ("by__nickname_folded__folded", "=by__id", "=user_id", "=why")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
