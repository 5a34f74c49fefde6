"""Webhooks of a room: made, resumed and ended by its host."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from betting.models import Webhook
from betting.webhooks import destination, sending
from rooms import access, acts
from rooms.models import Room, RoomAct
from web import limits
from web.refusals import Refused
from web.times import now_ms


def make(by: User, room: Room, url: str) -> Webhook:
    """Make a webhook of a room; its secret is told once.

    Raises Refused: too_fast, forbidden, room_ended, malformed.
    """
    limits.check("webhooks_made", by.pk)
    access.require(room, by, sending.RIGHT)
    if not room.is_live:
        raise Refused("room_ended")
    if standing(room).count() >= limits.WEBHOOKS_PER_ROOM_MAX:
        raise Refused("forbidden", _("This room has as many webhooks as it may. End one first."))
    with transaction.atomic():
        hook = Webhook.objects.create(
            room=room, url=destination.read_url(url), secret=sending.new_secret(), by=by,
            made_at_ms=now_ms(),
        )  # fmt: skip
        acts.record(room.pk, RoomAct.What.OFFER_WEBHOOK, by=by, detail=hook.url)
    return hook


def standing(room: Room) -> QuerySet[Webhook]:
    """The webhooks of a room that are not ended, the newest first."""
    return Webhook.objects.filter(room=room, ended_at_ms=None).order_by("-pk")


def find(by: User, room: Room, hook_id: int) -> Webhook:
    """A webhook of a room, ended or not. Raises Refused: forbidden, not_found."""
    access.require(room, by, sending.RIGHT)
    hook = Webhook.objects.filter(pk=hook_id, room=room).first()
    if hook is None:
        raise Refused("not_found")
    return hook


@transaction.atomic
def end(by: User, hook: Webhook) -> None:
    """Send nothing more; again does nothing."""
    if Webhook.objects.filter(pk=hook.pk, ended_at_ms=None).update(ended_at_ms=now_ms()):
        acts.record(hook.room_id, RoomAct.What.END_WEBHOOK, by=by, detail=hook.url)
