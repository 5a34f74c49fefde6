"""Erases a user's positions: live, waiting, in SQL, with the devices and sharing."""

from django.utils.translation import gettext as _

from locations import live
from locations.history import storage
from locations.messages import ErasedAnswer
from locations.models import Device, Sharing, UserLocation
from rooms import live as rooms_live
from rooms.models import Membership
from web import times
from web.refusals import Refused


def erase(user_id: int) -> ErasedAnswer:
    """Erase all positions of a user, end the devices and all sharing; may be repeated.

    First the live Redis, so that nothing new comes to SQL; fixes that arrive later are new
    consent. Raises Refused: unavailable, when live is away: something might be left.
    """
    at_ms = times.now_ms()
    waiting = live.erase(user_id)
    _forget_marks(user_id)
    had_position = UserLocation.objects.filter(pk=user_id).exists()
    return ErasedAnswer(
        erased_at_ms=at_ms,
        position=had_position,
        history=storage.erase(user_id, times.now_ms()),
        waiting=waiting,
        devices=Device.objects.filter(user=user_id).delete()[0],
        sharing=Sharing.objects.filter(user=user_id).delete()[0],
        kept=[
            _("Backups and the write-ahead files of the engines, until they are replaced."),
            _("Which operator looked at your position and when, without the position."),
            _(
                "What your bets in rooms with a place were taken on: the distance from the middle"
                " to ten metres, the accuracy and the age, without the position."
            ),
        ],
    )


def _forget_marks(user_id: int) -> None:
    rooms = Membership.objects.filter(user=user_id, room__place_radius_m__isnull=False)
    commands = [
        command
        for room_id in rooms.values_list("room_id", flat=True)
        for command in rooms_live.forget_inside(room_id, user_id)
    ]
    if not commands:
        return
    try:
        rooms_live.ask(commands)
    except rooms_live.LiveAway as error:
        raise Refused("unavailable", retry_after_s=5) from error
