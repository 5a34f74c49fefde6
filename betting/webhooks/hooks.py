"""Webhooks of a room, as its host makes and finds them."""

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from betting.models import Delivery, Webhook
from betting.webhooks import destination, sending
from rooms import access, acts
from rooms.models import Room, RoomAct
from web import limits
from web.refusals import Refused
from web.times import now_ms

SHOWN = 20
# What is told of an answer that is no status. The words of errors may name addresses inside our
# own network, so they are for operators alone.
_REASONS = {
    # A host learns nothing of the names in our own network: both are one answer.
    "NotAllowed": "not_public",
    "gaierror": "not_public",
    "ConnectionRefusedError": "nobody_there",
    "TimeoutError": "no_answer",
    "SSLCertVerificationError": "bad_certificate",
}


def make(by: User, room: Room, url: str) -> Webhook:
    """Make a webhook of a room; its secret is told once.

    Raises Refused: too_fast, forbidden, room_ended, malformed.
    """
    limits.check("webhooks_made", by.pk)
    access.require(room, by, sending.RIGHT)
    told = _("This room has as many webhooks as it may. End one first.")
    with transaction.atomic():
        # One at a time in a room, so that two cannot both be the last one.
        if not Room.objects.select_for_update().get(pk=room.pk).is_live:
            raise Refused("room_ended")
        if standing(room).count() >= limits.WEBHOOKS_PER_ROOM_MAX:
            raise Refused("forbidden", told)
        hook = Webhook.objects.create(
            room=room, url=destination.read_url(url), secret=sending.new_secret(), by=by,
            made_at_ms=now_ms(),
        )  # fmt: skip
        acts.record(room.pk, RoomAct.What.OFFER_WEBHOOK, by=by, detail=hook.url)
    return hook


def standing(room: Room) -> QuerySet[Webhook]:
    """The webhooks of a room that are not ended, the newest first."""
    return Webhook.objects.filter(room=room, ended_at_ms=None).order_by("-pk")


def count_waiting(room: Room) -> dict[int, int]:
    """How many deliveries wait for each webhook of a room for which any does."""
    waiting = Delivery.objects.filter(webhook__room=room, taken_at_ms=None)
    return dict(waiting.values_list("webhook").annotate(Count("pk")))


def find(by: User, room: Room, hook_id: int) -> Webhook:
    """A webhook of a room, ended or not. Raises Refused: forbidden, not_found."""
    access.require(room, by, sending.RIGHT)
    hook = Webhook.objects.filter(pk=hook_id, room=room).first()
    if hook is None:
        raise Refused("not_found")
    return hook


def find_standing(by: User, room: Room, hook_id: int) -> Webhook:
    """A webhook of a room that is not ended. Raises Refused: forbidden, not_found."""
    hook = find(by, room, hook_id)
    if hook.ended_at_ms is not None:
        raise Refused("not_found")
    return hook


def lately(hook: Webhook) -> QuerySet[Delivery]:
    """What was or is to be sent to a webhook last, the newest first."""
    return Delivery.objects.filter(webhook=hook).order_by("-pk")[:SHOWN]


def read_answer(delivery: Delivery) -> tuple[int, str]:
    """The status of a delivery's last answer, or 0 and why there was none; "" before any try."""
    if not delivery.answer or delivery.answer.isdecimal():
        return int(delivery.answer or 0), ""
    return 0, _REASONS.get(delivery.answer.partition(":")[0], "broken_off")


def repeat(by: User, hook: Webhook, delivery_id: int) -> None:
    """Send a delivery once more, soon. Raises Refused: too_fast, not_found."""
    limits.check("webhooks_repeated", by.pk)
    delivery = Delivery.objects.filter(pk=delivery_id, webhook=hook).first()
    if delivery is None:
        raise Refused("not_found")
    sending.repeat(delivery)
