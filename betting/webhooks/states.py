"""Webhooks are paused, resumed and ended here; the log of the room tells each.

`by` is None where the server acts by itself. What changes nothing is not told; each returns
whether it changed something.
"""

from django.db import transaction

from accounts.models import User
from betting.models import Delivery, Webhook
from rooms import acts
from rooms.models import RoomAct
from web.times import now_ms


@transaction.atomic
def pause(hook: Webhook, by: User | None = None) -> bool:
    """Send nothing more to a webhook until somebody resumes it; what happens is kept."""
    served = Webhook.objects.filter(pk=hook.pk, paused_at_ms=None, ended_at_ms=None)
    return _tell(hook, by, RoomAct.What.PAUSE_WEBHOOK, served.update(paused_at_ms=now_ms()))


@transaction.atomic
def resume(hook: Webhook, by: User | None = None) -> bool:
    """Send to a paused webhook again, beginning with what waits; their day begins anew."""
    paused = Webhook.objects.filter(pk=hook.pk, paused_at_ms__isnull=False, ended_at_ms=None)
    is_changed = _tell(hook, by, RoomAct.What.RESUME_WEBHOOK, paused.update(paused_at_ms=None))
    if is_changed:
        at_ms = now_ms()
        waiting = Delivery.objects.filter(webhook=hook, taken_at_ms=None)
        waiting.update(due_at_ms=at_ms, made_at_ms=at_ms, tries=0)
    return is_changed


@transaction.atomic
def end(hook: Webhook, by: User | None = None) -> bool:
    """Send nothing more to a webhook, for good."""
    standing = Webhook.objects.filter(pk=hook.pk, ended_at_ms=None)
    return _tell(hook, by, RoomAct.What.END_WEBHOOK, standing.update(ended_at_ms=now_ms()))


def _tell(hook: Webhook, by: User | None, what: RoomAct.What, count: int) -> bool:
    if count:
        acts.record(hook.room_id, what, by=by, detail=hook.url)
    return bool(count)
