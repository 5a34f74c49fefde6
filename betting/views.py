"""Pages that show bets. They are the same for everybody; scripts fetch name, coins and role."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from rooms.views import canonical_code


@require_safe
def room(request: HttpRequest, code: str) -> HttpResponse:
    """A room, for players and for its host."""
    canonical = canonical_code(code)
    if code != canonical:
        return redirect("room", code=canonical, permanent=True)
    return render(request, "betting/room.html", {"code": code})


@require_safe
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The big screen of a room, to be read across a hall; it has no controls."""
    canonical = canonical_code(code)
    if code != canonical:
        return redirect("screen", code=canonical, permanent=True)
    host = urlsplit(settings.PUBLIC_URL).netloc
    return render(request, "betting/screen.html", {"code": code, "host": host})


@require_safe
def evening(request: HttpRequest, code: str) -> HttpResponse:
    """The evening of a room, to be shared; its script asks whether the reader may see it."""
    canonical = canonical_code(code)
    if code != canonical:
        return redirect("evening", code=canonical, permanent=True)
    return render(request, "betting/evening_page.html", {"code": code})


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The page of one's own coins, line by line, and bets."""
    return render(request, "betting/me.html")
