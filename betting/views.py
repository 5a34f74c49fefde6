"""Pages that show bets. They are the same for everybody; scripts fetch name, coins and role."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooms.views import room_page


@room_page
def room(request: HttpRequest, code: str) -> HttpResponse:
    """A room, for players and for its host."""
    return render(request, "betting/room.html", {"code": code})


@room_page
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The big screen of a room, to be read across a hall; it has no controls."""
    host = urlsplit(settings.PUBLIC_URL).netloc
    return render(request, "betting/screen.html", {"code": code, "host": host})


@room_page
def evening(request: HttpRequest, code: str) -> HttpResponse:
    """The evening of a room, to be shared; its script asks whether the reader may see it."""
    return render(request, "betting/evening_page.html", {"code": code})


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The page of one's own coins, line by line, and bets."""
    return render(request, "betting/me.html")
