"""E-mails that wait to be sent."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import PendingEmail
from web.admin_pages import ReadableTimes


@admin.register(PendingEmail)
class PendingEmailAdmin(ReadableTimes):
    """What waits, since when, and when it is tried next; read-only."""

    list_display = ("id", "kind", "email", "language", "asked_at_ms", "due_at_ms", "tries")
    list_filter = ("kind",)
    search_fields = ("=email",)
    ordering = ("due_at_ms",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PendingEmail | None = None) -> bool:
        return False
