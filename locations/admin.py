"""Positions for operators: who, how old, from where; nothing can be edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.inspecting import ReadableTimes
from accounts.refusals import Refused

from . import live
from .fixes import Flag, Source
from .models import BetDecision, Device, Look, Sharing, UserLocation


class ReadOnly(ReadableTimes):
    """Nobody writes these rows by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(UserLocation)
class UserLocationAdmin(ReadOnly):
    """The newest positions. The list shows ages; looking at one position leaves an audit row."""

    list_display = ("user", "age", "came_by", "words", "fixes")
    list_select_related = ("user",)
    search_fields = ("user__nickname", "=user__id")
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Beside the list: how often each status and reason was met."""
        try:
            counts: list[tuple[str, int]] | None = sorted(live.counts().items())
        except Refused:
            counts = None
        return super().changelist_view(request, {**(extra_context or {}), "counts": counts})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an exact position, and note who looked."""
        if object_id.isdecimal() and self.has_view_permission(request):
            Look.objects.create(
                by_id=int(request.user.pk or 0),
                user_id=int(object_id),
                at_ms=live.now_ms(),
                why="position",
            )
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("age in seconds"), ordering="fix_ms")
    def age(self, row: UserLocation) -> int:
        return max(0, live.now_ms() - row.fix_ms) // 1000

    @admin.display(description=_("source"))
    def came_by(self, row: UserLocation) -> str:
        return Source(row.source).name.lower()

    @admin.display(description=_("flags"))
    def words(self, row: UserLocation) -> str:
        return " ".join(str(flag.name).lower() for flag in Flag(row.flags))


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    """Paired apps; deleting one ends its token at once."""

    list_display = ("name", "user", "created_at_ms", "seen_at_ms")
    list_select_related = ("user",)
    search_fields = ("name", "user__nickname")


@admin.register(Sharing)
class SharingAdmin(ReadOnly):
    """Who shows what to which room."""

    list_display = ("user", "room", "level", "until_ms")
    list_select_related = ("user", "room")


@admin.register(BetDecision)
class BetDecisionAdmin(ReadOnly):
    """What bets of rooms with a place were taken on."""

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

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Look)
class LookAdmin(ReadOnly):
    """Which operator looked at whose exact position."""

    list_display = ("by", "user_id", "at_ms", "why")
    list_select_related = ("by",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
