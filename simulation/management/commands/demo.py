"""`manage.py demo`: an operator, a room and a question for a first visit."""

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from accounts import arrivals
from accounts.models import User
from betting.actions import markets
from betting.models import Market
from betting.wire.requests import NewMarket
from rooms.models import Room
from rooms.opening import open_room

OPERATOR_EMAIL = "operator@ringside.local"
# Fixed, so that a second run finds the room and the market of the first.
ROOM_KEY = UUID("6c1f4f0e-6d3d-4a53-9a53-52494e475349")
MARKET_KEY = UUID("6c1f4f0e-6d3d-4a53-9a53-444500000001")


class Command(BaseCommand):
    help = _("Make an operator account, a public room and a first question.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The password of a new operator is printed once; repeating makes nothing twice."""
        operator = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if operator is None:
            operator = self._make_operator()
        room = open_room(
            operator,
            key=ROOM_KEY,
            title=_("Ringside: come in and bet"),
            visibility=Room.Visibility.PUBLIC,
            hosts_may_bet=True,
        )
        if room.is_live and not Market.objects.filter(room=room).exists():
            _ask_first_question(operator, room)
        # The launcher reads the code from here and sends its crowd there.
        (settings.DATA_DIR / "demo-room").write_text(room.code if room.is_live else "")

    def _make_operator(self) -> User:
        password = secrets.token_urlsafe(12)
        operator = User.objects.create_superuser(_("House"), OPERATOR_EMAIL, password)
        told = _("operator account (shown once): %(email)s  password: %(password)s")
        self.stdout.write(told % {"email": OPERATOR_EMAIL, "password": password})
        self.stdout.flush()
        arrivals.welcome(operator)
        return operator


def _ask_first_question(host: User, room: Room) -> None:
    new = NewMarket(
        question=_("Who wins the first round?"),
        outcomes=[_("Red corner"), _("Blue corner"), _("Draw")],
        key=MARKET_KEY,
    )
    markets.create(host, room, new, markets.texts(new))
