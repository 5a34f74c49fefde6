"""Pages that show bets. They are the same for everybody; scripts fetch name, coins and role."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from betting.models import Delivery
from betting.wire.past.evening import ENDED_TTL_S, EveningAnswer, kept_evening
from rooms.models import Room
from rooms.views import canonical_code, picture_url, public_title, room_page, same_for_all
from web import addresses, limits
from web.cards import draw
from web.refusals import Refused


@room_page
def room(request: HttpRequest, code: str) -> HttpResponse:
    """A room, for players and for its host."""
    picture = picture_url("room_card", code=code)
    title = public_title(code)
    return same_for_all("betting/room.html", code=code, title=title, picture=picture)


@room_page
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The big screen of a room, to be read across a hall; it has no controls."""
    return _screen(code)


@room_page
def overlay(request: HttpRequest, code: str) -> HttpResponse:
    """The big screen without a ground, as stream software lays it over a picture."""
    return _screen(code, form="overlay")


def _screen(code: str, **more: str) -> HttpResponse:
    host = urlsplit(settings.PUBLIC_URL).netloc
    return same_for_all("betting/screen.html", code=code, host=host, **more)


@room_page
def evening(request: HttpRequest, code: str) -> HttpResponse:
    """The evening of a room, to be shared; its script asks whether the reader may see it."""
    picture = picture_url("evening_card", code=code)
    shown = {"code": code, "evening": _public_evening(request, code), "picture": picture}
    return render(request, "betting/evening_page.html", shown)


@room_page
def webhooks(request: HttpRequest, code: str) -> HttpResponse:
    """Webhooks and what was sent to them, for the host of a room."""
    return render(
        request, "betting/webhooks.html", {"code": code, "events": Delivery.Event.choices}
    )


@require_safe
@cache_control(public=True, max_age=ENDED_TTL_S)
def evening_card(request: HttpRequest, code: str) -> HttpResponse:
    """The picture of an evening: the podium where the host made it public, else the code alone."""
    code = canonical_code(code)
    told = _public_evening(request, code)
    if told is None:
        return HttpResponse(draw(f"Room {code}", code), content_type="image/png")
    first = tuple(f"{one.rank}  {one.nickname}  +{one.net:,}" for one in told.podium.first)
    return HttpResponse(draw(told.title, "", first), content_type="image/png")


def _public_evening(request: HttpRequest, code: str) -> EveningAnswer | None:
    """The evening that a host made public; None of unlisted rooms for a reader of many codes.

    Counted apart from other look-ups: a reader of evenings keeps nobody at their address out.
    """
    room = Room.objects.filter(code=code, evening_public=True).first()
    if room is None or room.visibility != Room.Visibility.PUBLIC:
        try:
            limits.check_address("evening_pages", addresses.of(request))
        except Refused:
            return None
    return kept_evening(room) if room else None


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The page of one's own coins, line by line, and bets."""
    return render(request, "betting/me.html")


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The page that says of receipts and anchors whether the ledger still holds them."""
    return render(request, "betting/verify.html")
