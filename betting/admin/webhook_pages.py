"""Webhooks and their deliveries: seen, repeated, resumed and ended."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from betting.models import Delivery, Webhook
from betting.webhooks import sending, states
from rooms.admin.room_admin import operator_of
from web.admin_site.admin_pages import ReadOnly


class _Shown(ReadOnly):
    """Rows that are acted on and never written by hand."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the request's user may change webhooks."""
        return request.user.has_perm("betting.change_webhook")


@admin.register(Webhook)
class WebhookAdmin(_Shown):
    """Webhooks, without their secrets."""

    list_display = ("id", "room", "url", "by", "made_at_ms", "paused_at_ms", "ended_at_ms")
    list_select_related = ("room", "by")
    search_fields = ("url__folded", "room__code__folded")
    actions = ("resume", "end")

    @admin.action(permissions=["act"], description=gettext_lazy("Resume these webhooks"))
    def resume(self, request: HttpRequest, hooks: QuerySet[Webhook]) -> None:
        count = self._each(request, hooks, states.resume, _("Resumed"))
        told = ngettext("%d webhook resumed.", "%d webhooks resumed.", count) % count
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(permissions=["act"], description=gettext_lazy("End these webhooks"))
    def end(self, request: HttpRequest, hooks: QuerySet[Webhook]) -> None:
        count = self._each(request, hooks, states.end, _("Ended"))
        told = ngettext("%d webhook ended.", "%d webhooks ended.", count) % count
        self.message_user(request, told, messages.SUCCESS)

    def _each(
        self,
        request: HttpRequest,
        hooks: QuerySet[Webhook],
        change: Callable[[Webhook, User], bool],
        what: str,
    ) -> int:
        """Change each; returns how many there was something to change of."""
        changed = [hook for hook in hooks if change(hook, operator_of(request))]
        for hook in changed:
            self.log_change(request, hook, what)
        return len(changed)


@admin.register(Delivery)
class DeliveryAdmin(_Shown):
    """What was sent to webhooks, and what waits."""

    list_display = (
        "id", "webhook", "event", "market_id", "made_at_ms", "tries", "answer", "due_at_ms",
        "taken_at_ms",
    )  # fmt: skip
    list_filter = ("event",)
    list_select_related = ("webhook",)
    search_fields = ("=market_id", "webhook__room__code__folded", "webhook__url__folded")
    ordering = ("-id",)
    actions = ("repeat",)

    @admin.action(permissions=["act"], description=gettext_lazy("Send these once more"))
    def repeat(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        for delivery in deliveries:
            sending.repeat(delivery)
            self.log_change(request, delivery, _("Sent once more"))
        count = len(deliveries)
        told = ngettext("%d is sent once more.", "%d are sent once more.", count) % count
        self.message_user(request, told, messages.SUCCESS)
