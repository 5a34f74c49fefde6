"""/api/rooms/{code}/seats/ and /api/seats/: offering a seat by a link, and taking it."""

from typing import Literal

import msgspec
import segno
from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from rooms.api.room_view import Entered, RoomView, entered
from rooms.fanout import hub
from rooms.people import seats
from web import limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Message, parse


class SeatAsk(Message, frozen=True):
    role: Literal["cohost"]


class SeatOffer(msgspec.Struct):
    """The link to the seat, a drawing of it as a data: address, and until when it is good."""

    link: str
    qr: str
    expires_at_ms: int


class TakeAsk(Message, frozen=True):
    """The token behind the # of a seat's link."""

    seat: str


class Seats(RoomView):
    @described(asks=SeatAsk, answers={201: SeatOffer}, refuses=("room_ended",))
    def post(self, request: Request, code: str) -> Response:
        """Offer a seat: the first user who opens its link is co-host. Only the host may."""
        ask = parse(request.data, SeatAsk)
        offered = seats.offer(user_of(request), self.room(code), ask.role)
        # The part behind the # is never sent to a server, so that it is in no log.
        link = f"{settings.PUBLIC_URL}{reverse('seat')}#{offered.token}"
        qr = segno.make(link, error="m").svg_data_uri(scale=4, light="#fff")
        return respond(SeatOffer(link, qr, offered.expires_at_ms), 201)


class TakeSeat(APIView):
    """Taking a seat."""

    permission_classes = [SignedIn]

    @described(
        asks=TakeAsk,
        answers={200: Entered},
        refuses=("not_found", "expired", "room_ended", "room_full", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Take a seat; the same user may ask again until it expires."""
        ask, user = parse(request.data, TakeAsk), user_of(request)
        limits.check("seats_tried", user.pk)
        present = seats.take(user, ask.seat)
        hub.post_recheck(present.room_id)
        return respond(entered(present))
