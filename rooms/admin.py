"""Rooms, members and chat for operators."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.refusals import Refused
from accounts.tokens import now_ms
from rooms import hub, opening
from rooms.models import ChatLine, Club, Membership, Room


@admin.register(Club)
class ClubAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["slug", "title"]


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rooms are ended, never deleted: questions and coins hang on them."""

    list_display = [
        "code", "title", "club", "host", "status", "visibility", "open_markets", "created_at",
    ]  # fmt: skip
    list_filter = ["status", "visibility", "club"]
    list_select_related = ["club", "host"]
    search_fields = ["code", "title", "host__nickname"]
    raw_id_fields = ["host"]
    readonly_fields = ["code", "club", "status", "open_markets", "created_at", "ended_at"]
    date_hierarchy = "created_at"
    actions = ["end_rooms"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Room, form: object, change: bool) -> None:
        """Save, and let those who are in the room see it at once."""
        super().save_model(request, obj, form, change)
        hub.post_look(obj.pk)

    @admin.action(description=_("End the selected rooms"))
    def end_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        """End what is decided; a room with an undecided question stays."""
        ended = 0
        for room in rooms.select_related("club", "host"):
            try:
                opening.end_room(room)
            except Refused as refused:
                self.message_user(request, f"{room}: {refused.message}", "WARNING")
                continue
            hub.post_look(room.pk)
            ended += 1
        if ended:
            sentence = ngettext("%(count)s room has ended.", "%(count)s rooms have ended.", ended)
            self.message_user(request, sentence % {"count": ended})


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Changing a state here closes that person's sockets within a second."""

    list_display = ["room", "user", "role", "state", "reason"]
    list_filter = ["state", "role"]
    list_select_related = ["room", "user"]
    search_fields = ["room__code", "user__nickname"]
    raw_id_fields = ["room", "user"]
    readonly_fields = ["room", "user", "changed_at_ms"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: object, change: bool) -> None:
        """Stamp the change, which is how open sockets hear of it."""
        obj.changed_at_ms = now_ms()
        super().save_model(request, obj, form, change)
        hub.post_look(obj.room_id)


@admin.register(ChatLine)
class ChatLineAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at_ms", "room", "user", "text"]
    list_select_related = ["room", "user"]
    search_fields = ["room__code", "user__nickname", "text"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ChatLine | None = None) -> bool:
        return False
