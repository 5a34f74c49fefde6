"""E-mails that wait to be sent."""

from django.contrib import admin

from accounts.models import PendingEmail
from web.admin_site.admin_pages import Unwritten


@admin.register(PendingEmail)
class PendingEmailAdmin(Unwritten):
    """What waits, since when, and when it is tried next; read-only."""

    list_display = ("id", "kind", "email", "language", "asked_at_ms", "due_at_ms", "tries")
    list_filter = ("kind",)
    search_fields = ("=email",)
    ordering = ("due_at_ms",)
